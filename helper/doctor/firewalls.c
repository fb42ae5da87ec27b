/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"
#include "doctor/firewalls.h"

/* netfenced puts its table back within two seconds. */
#define LOOKS   16
#define LOOK_MS 200

/* "nat OUTPUT" of nftables: redirect and dnat in a chain that is hooked there. */
static void
judge_redirection(struct doctor *doctor, const char *where, const char *rule)
{
	struct finding *finding = finding_add(&doctor->findings, FINDING_WARN, "firewalls.redirect",
	    where, "sends traffic elsewhere before the fence sees it: %s", rule);

	finding_mend(finding, "What is redirected to this host is decided by loopback: and goes on "
			      "under a proxy's uid.");
}

static bool
nftables_serves(const struct doctor *doctor)
{
	return !strcmp(doctor_text(doctor->status, "engine"), "nftables");
}

/* What was read of table inet netfence. */
struct ours {
	bool there;
	bool hooked;
	bool dormant;
};

/* Where nftables is the engine. Its chain is hooked on its own: nobody can stand before it and let
 * pass. False where nothing has been said, since it may be mended in a moment. */
static bool
judge_ours(struct doctor *doctor, const struct ours *ours, bool last)
{
	struct json_object *fences = NULL;
	struct finding *finding;
	bool stands = ours->there && ours->hooked && !ours->dormant;

	if (!nftables_serves(doctor))
		return true;
	json_object_object_get_ex(doctor->status, "fences", &fences);
	if (stands || doctor_off(doctor) || !doctor_number(fences, "users")) {
		finding_add(&doctor->findings, FINDING_OK, "tables.jump", "nftables",
		    stands ? "table inet netfence is there, at the output hook"
			   : "nobody is fenced now");
		return true;
	}
	if (!last)
		return false;
	finding = finding_add(&doctor->findings, FINDING_FAIL, "tables.jump", "nftables", "%s",
	    !ours->there    ? "no table inet netfence: nobody is fenced"
	    : ours->dormant ? "table inet netfence is dormant: nobody is fenced"
			    : "no chain of table inet netfence is at the output hook: nobody is "
			      "fenced");
	finding_mend(finding, "Start netfenced, or stop who takes it away.");
	return true;
}

static void
read_ours(const char *ruleset, struct ours *ours)
{
	cleanup_free char *copy = strdup(ruleset);
	char *next = copy, *line;
	bool inside = false;

	while (next && (line = host_line(&next))) {
		line += strspn(line, " \t");
		if (!strncmp(line, "table ", 6)) {
			inside = !strncmp(line, "table inet netfence ", 20);
			ours->there |= inside;
		} else if (inside) {
			ours->hooked |= !strncmp(line, "type filter hook output", 23);
			ours->dormant |= !strncmp(line, "flags dormant", 13);
		}
	}
}

bool
firewalls_judge_nft(struct doctor *doctor, char *ruleset, bool last)
{
	cleanup_free char *tables = NULL;
	char table[128] = "", *line;
	size_t size, n = 0;
	struct ours ours = { false };
	bool hooked = false;
	FILE *stream;

	read_ours(ruleset, &ours);
	if (!judge_ours(doctor, &ours, last))
		return false;
	stream = open_memstream(&tables, &size);
	if (!stream)
		return true;
	while ((line = host_line(&ruleset))) {
		line += strspn(line, " \t");
		if (!strncmp(line, "table ", 6)) {
			snprintf(
			    table, sizeof(table), "%.*s", (int)strcspn(line + 6, "{"), line + 6);
			if (strcmp(table, "inet netfence ") != 0)
				fprintf(stream, "%s%.*s", n++ ? ", " : "", (int)strlen(table) - 1,
				    table);
		} else if (!strncmp(line, "chain ", 6)) {
			hooked = false;
		} else if (!strncmp(line, "type nat hook output", 20)) {
			hooked = true;
		} else if (hooked && (strstr(line, "redirect") || strstr(line, "dnat"))) {
			judge_redirection(doctor, "nftables", line);
		}
	}
	if (fclose(stream) == 0 && n)
		finding_add(&doctor->findings, FINDING_OK, "firewalls.nft", "nftables",
		    "beside the fence: %s; a packet has to pass both", tables);
	return true;
}

/* What loads a whole ruleset takes ours with it. */
void
firewalls_judge_file(struct doctor *doctor, const char *path, char *text)
{
	struct finding *finding;
	char *line;

	while ((line = host_line(&text))) {
		line += strspn(line, " \t");
		if (strncmp(line, "flush ruleset", 13) != 0)
			continue;
		finding = finding_add(&doctor->findings, FINDING_WARN, "firewalls.flush", path,
		    "`flush ruleset` takes the fence away, for up to two seconds, whenever it is "
		    "loaded");
		finding_mend(finding, "Let it flush or delete its own tables, by their names.");
		return;
	}
}

void
firewalls_judge_nat(struct doctor *doctor, const char *where, char *saved)
{
	bool nat = false;
	char *line;

	while ((line = host_line(&saved))) {
		if (line[0] == '*')
			nat = !strcmp(line, "*nat");
		else if (nat && !strncmp(line, "-A OUTPUT ", 10) &&
			 (strstr(line, "-j REDIRECT") || strstr(line, "-j DNAT") ||
			     strstr(line, "-j TPROXY")))
			judge_redirection(doctor, where, line);
	}
}

/* A table that nobody uses is not loaded, and asking for it would. */
static bool
has_nat(const struct host *host, const char *path)
{
	cleanup_free char *text = NULL;
	char *next, *line;

	if (host_read(host, path, &text) < 0)
		return false;
	for (next = text; (line = host_line(&next));) {
		if (!strcmp(line, "nat"))
			return true;
	}
	return false;
}

static void
look_at_nat(struct doctor *doctor, const char *loaded, const char *name)
{
	cleanup_free char *program = host_program(&doctor->host, name), *said = NULL;
	const char *argv[] = { program, "-t", "nat", NULL };
	struct why why;

	if (!has_nat(&doctor->host, loaded))
		return;
	if (program && host_run(&doctor->host, argv, &said, &why) == 0)
		firewalls_judge_nat(doctor, name, said);
	else
		finding_add(&doctor->findings, FINDING_UNKNOWN, "firewalls.redirect", name,
		    "cannot be asked for the nat table");
}

/* Whether it has been judged: netfenced mends its table within two seconds. */
static bool
judge_nft(struct doctor *doctor, const char *program, bool last)
{
	const char *argv[] = { program, "-nn", "-t", "list", "ruleset", NULL };
	cleanup_free char *said = NULL;
	struct why why = { "" };
	int result = host_run(&doctor->host, argv, &said, &why);

	if (result == 0)
		return firewalls_judge_nft(doctor, said, last);
	finding_add(&doctor->findings, FINDING_UNKNOWN, "firewalls.nft", "nftables",
	    "nft list ruleset: %s", result < 0 ? why.text : "failed");
	return true;
}

static void
look_at_nft(struct doctor *doctor)
{
	cleanup_free char *program = host_program(&doctor->host, "nft");
	cleanup_free char *modules = NULL;
	int i;

	if (!program) {
		if (nftables_serves(doctor))
			finding_add(&doctor->findings, FINDING_UNKNOWN, "tables.jump", "nftables",
			    "there is no nft(8) to ask; netfenced looks twice a second");
		return;
	}
	/* Asking would load it; what is not loaded has no rules. One that is part of the kernel is
	 * not in the list, but has a folder. */
	if (host_read(&doctor->host, "/proc/modules", &modules) == 0 &&
	    !strstr(modules, "nf_tables ") && !host_exists(&doctor->host, "/sys/module/nf_tables"))
		return;
	for (i = 1; !judge_nft(doctor, program, i == LOOKS); i++) {
		poll(NULL, 0, LOOK_MS);
		doctor_refresh(doctor);
	}
}

/* Where distributions have the ruleset that nftables.service loads. */
static void
look_at_files(struct doctor *doctor)
{
	static const char *const paths[] = { "/etc/nftables.conf", "/etc/sysconfig/nftables.conf",
		"/etc/nftables.rules" };
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		cleanup_free char *text = NULL;

		if (host_read(&doctor->host, paths[i], &text) == 0)
			firewalls_judge_file(doctor, paths[i], text);
	}
}

/* Who writes the tables at times; all of these have been tried beside a fence. */
static void
look_at_managers(struct doctor *doctor)
{
	static const char *const managers[][2] = {
		{ "/run/firewalld.pid", "firewalld" },
		{ "/run/firewalld", "firewalld" },
		{ "/var/lib/shorewall/state", "Shorewall" },
		{ "/run/fail2ban/fail2ban.sock", "fail2ban" },
	};
	cleanup_free char *ufw = NULL;
	const char *said = "";
	size_t i;

	for (i = 0; i < sizeof(managers) / sizeof(managers[0]); i++) {
		if (!host_exists(&doctor->host, managers[i][0]) || !strcmp(said, managers[i][1]))
			continue;
		said = managers[i][1];
		finding_add(&doctor->findings, FINDING_OK, "firewalls.manager", said,
		    "writes the tables too; what it takes away is back within two seconds");
	}
	if (host_read(&doctor->host, "/etc/ufw/ufw.conf", &ufw) == 0 &&
	    (!strncmp(ufw, "ENABLED=yes", 11) || strstr(ufw, "\nENABLED=yes")))
		finding_add(&doctor->findings, FINDING_OK, "firewalls.manager", "ufw",
		    "writes the tables too; what it takes away is back within two seconds");
}

void
doctor_firewalls(struct doctor *doctor)
{
	look_at_managers(doctor);
	if (nftables_serves(doctor))
		look_at_files(doctor);
	if (doctor->host.root[0])
		return;
	look_at_nft(doctor);
	look_at_nat(doctor, "/proc/net/ip_tables_names", "iptables-legacy-save");
	look_at_nat(doctor, "/proc/net/ip6_tables_names", "ip6tables-legacy-save");
}
