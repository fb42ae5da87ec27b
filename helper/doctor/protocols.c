/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/protocols.h"

#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"

/*
 * A socket of the user's that has the kernel open another one: that one has no file, and the
 * owner match passes what has none. family: as in the alias that socket(2) has loaded.
 */
static const struct protocol {
	const char *module;
	const char *listed; /* in /proc/net/protocols */
	const char *family;
	const char *what;
	enum finding_grade loaded;
} protocols[] = {
	{ "smc", "SMC", "net-pf-43", "opens TCP connections that belong to nobody", FINDING_FAIL },
	{ "rds", "RDS", "net-pf-21", "sends over TCP that belongs to nobody", FINDING_FAIL },
	{ "rxrpc", "RXRPC", "net-pf-33", "sends UDP that belongs to nobody", FINDING_FAIL },
	{ "tipc", "TIPC", "net-pf-30", "once set up, reaches its cluster past the tables",
	    FINDING_WARN },
	{ "vsock", "AF_VSOCK", "net-pf-40", "leads to the host of this virtual machine",
	    FINDING_WARN },
};

/* Whether a line of the text begins with these words; an empty one is none. */
static bool
has_words(const char *text, const char *one, const char *two, const char *three)
{
	cleanup_free char *copy = text ? strdup(text) : NULL;
	char *next = copy, *line;

	while (copy && (line = host_line(&next))) {
		const char *first = host_word(&line), *second = host_word(&line);
		const char *third = host_word(&line);

		if (first && !strcmp(first, one) && (!two || (second && !strcmp(second, two))) &&
		    (!three || (third && !strcmp(third, three))))
			return true;
	}
	return false;
}

static bool
is_forbidden(const struct host *host, const struct protocol *protocol)
{
	static const char *const folders[] = { "/etc/modprobe.d", "/run/modprobe.d",
		"/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d" };
	bool forbidden = false;
	char **names;
	size_t n, i, j;

	for (j = 0; j < sizeof(folders) / sizeof(folders[0]) && !forbidden; j++) {
		if (host_list(host, folders[j], &names, &n) < 0)
			continue;
		for (i = 0; i < n && !forbidden; i++) {
			cleanup_free char *path = NULL, *text = NULL;

			if (asprintf(&path, "%s/%s", folders[j], names[i]) < 0)
				path = NULL;
			if (!path || host_read(host, path, &text) < 0)
				continue;
			forbidden =
			    has_words(text, "blacklist", protocol->module, NULL) ||
			    has_words(text, "install", protocol->module, "/bin/false") ||
			    has_words(text, "install", protocol->module, "/bin/true") ||
			    has_words(text, "install", protocol->module, "/usr/bin/false") ||
			    has_words(text, "install", protocol->module, "/usr/bin/true") ||
			    has_words(text, "alias", protocol->family, "off");
		}
		host_list_free(names, n);
	}
	return forbidden;
}

void
protocols_judge(struct doctor *doctor, const char *release)
{
	const struct host *host = &doctor->host;
	cleanup_free char *modules = NULL, *listed = NULL, *aliases = NULL, *path = NULL;
	cleanup_free char *disabled = NULL;
	size_t before = doctor->findings.n, i;
	struct finding *finding;
	bool loads;

	if (asprintf(&path, "/lib/modules/%s/modules.alias", release) < 0)
		path = NULL;
	loads = host_read(host, "/proc/modules", &modules) == 0;
	host_read(host, "/proc/net/protocols", &listed);
	if (path)
		host_read(host, path, &aliases);
	host_read(host, "/proc/sys/kernel/modules_disabled", &disabled);
	if (disabled && disabled[0] == '1')
		loads = false;
	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		const struct protocol *protocol = &protocols[i];

		bool module = has_words(modules, protocol->module, NULL, NULL);

		if (module || has_words(listed, protocol->listed, NULL, NULL)) {
			finding =
			    finding_add(&doctor->findings, protocol->loaded, "protocols.loaded",
				protocol->module, "%s, and is there", protocol->what);
			if (module)
				finding_mend(finding,
				    "rmmod %s; \"install %s /bin/false\" in "
				    "/etc/modprobe.d.",
				    protocol->module, protocol->module);
			else
				finding_mend(finding, "It is part of this kernel: take another.");
		} else if (loads && has_words(aliases, "alias", protocol->family, NULL) &&
			   !is_forbidden(host, protocol)) {
			finding = finding_add(&doctor->findings, FINDING_WARN, "protocols.loadable",
			    protocol->module, "%s, and any user can have it loaded",
			    protocol->what);
			finding_mend(finding, "\"install %s /bin/false\" in /etc/modprobe.d.",
			    protocol->module);
		}
	}
	if (loads && !aliases)
		finding_add(&doctor->findings, FINDING_UNKNOWN, "protocols.loadable", "protocols",
		    "which of them users can have loaded: %s cannot be read", path ? path : "");
	else if (doctor->findings.n == before)
		finding_add(&doctor->findings, FINDING_OK, "protocols.loaded", "protocols",
		    "none there that sends through sockets of nobody's");
}

void
protocols_judge_mptcp(struct doctor *doctor, const char *limits)
{
	const char *accepted = strstr(limits, "add_addr_accepted ");
	struct finding *finding;

	if (!accepted) {
		finding_add(&doctor->findings, FINDING_UNKNOWN, "protocols.mptcp", "mptcp",
		    "is on; which addresses it takes from the far end cannot be told");
		return;
	}
	if (accepted[18] == '0') {
		finding_add(&doctor->findings, FINDING_OK, "protocols.mptcp", "mptcp",
		    "takes no further addresses from the far end");
		return;
	}
	finding = finding_add(&doctor->findings, FINDING_FAIL, "protocols.mptcp", "mptcp",
	    "the far end of an allowed connection can name further addresses, to which the kernel "
	    "connects past the fence (add_addr_accepted %c)",
	    accepted[18]);
	finding_mend(finding, "ip mptcp limits set add_addr_accepted 0, or net.mptcp.enabled=0");
}

void
doctor_protocols(struct doctor *doctor)
{
	cleanup_free char *enabled = NULL, *program = host_program(&doctor->host, "ip"),
			  *said = NULL;
	const char *argv[] = { program, "mptcp", "limits", NULL };
	struct utsname name;
	struct why why;

	if (uname(&name) == 0)
		protocols_judge(doctor, name.release);
	if (host_read(&doctor->host, "/proc/sys/net/mptcp/enabled", &enabled) < 0 ||
	    enabled[0] == '0')
		return;
	if (program && host_run(&doctor->host, argv, &said, &why) == 0)
		protocols_judge_mptcp(doctor, said);
	else
		protocols_judge_mptcp(doctor, "");
}
