/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/tables.h"

/* Before the kernel's headers, which then leave its definitions alone. */
#include <netinet/in.h>

#include <errno.h>
#include <json-c/json.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <poll.h>
#include <string.h>

#include "base/cleanup.h"

#define OUR_CHAIN "NETFENCE"

/* netfenced puts its jump back within two seconds. */
#define LOOKS   16
#define LOOK_MS 200

static const char *const names[FAMILIES] = { "IPv4", "IPv6" };

static bool
is_ours(const char *chain)
{
	return !strncmp(chain, OUR_CHAIN, strlen(OUR_CHAIN)) &&
	       strchr(":/+=#", chain[strlen(OUR_CHAIN)]);
}

/* ---------------------------------------------------------------- the jump */

static const struct xtable_chain *
find_chain(const struct xtable *table, const char *name, uint32_t hook)
{
	uint32_t i;

	for (i = 0; i < table->n_chains; i++) {
		if (name ? !strcmp(table->chains[i].name, name) : table->chains[i].hook == hook)
			return &table->chains[i];
	}
	return NULL;
}

/* Its number in OUTPUT, from 1; 0: it is not there. */
static uint32_t
jump_at(const struct xtable *table)
{
	const struct xtable_chain *output = find_chain(table, NULL, NF_INET_LOCAL_OUT);
	const struct xtable_chain *gate = find_chain(table, OUR_CHAIN, 0);
	uint32_t at, number = 1;

	if (!output || !gate)
		return 0;
	for (at = output->first; at < output->end; at += xtable_entry_size(table, at), number++) {
		if (!xtable_target_name(table, at)[0] &&
		    xtable_verdict(table, at) == (int32_t)gate->first)
			return number;
	}
	return 0;
}

static bool
judge_jump(struct doctor *doctor, const struct xtable *table, bool fenced, bool last)
{
	const char *name = names[table->family];
	uint32_t at = jump_at(table);
	struct finding *finding;

	if (!doctor->status && !at) {
		finding_add(&doctor->findings, FINDING_UNKNOWN, "tables.jump", name,
		    "no fence stands; whether one ought to, only netfenced knows");
		return true;
	}
	if (!fenced && !at) {
		finding_add(&doctor->findings, FINDING_OK, "tables.jump", name,
		    "nobody is fenced now, no rule stands");
		return true;
	}
	if (at == 1) {
		finding_add(
		    &doctor->findings, FINDING_OK, "tables.jump", name, "the jump is at OUTPUT 1");
		return true;
	}
	if (!last)
		return false;
	if (!at)
		finding = finding_add(&doctor->findings, FINDING_FAIL, "tables.jump", name,
		    "no jump to " OUR_CHAIN " in OUTPUT: nobody is fenced");
	else
		finding = finding_add(&doctor->findings, FINDING_FAIL, "tables.jump", name,
		    "the jump is at OUTPUT %u: what stands before may let pass", at);
	finding_mend(finding, "Start netfenced, or stop who takes its place.");
	return true;
}

/* ---------------------------------------------------------------- others' rules */

/* What forgets its count whenever a table is written: the kernel takes all rules of it anew, and
 * these keep their state in the rule. hashlimit and recent do not. */
static bool
forgets(const char *match)
{
	static const char *const list[] = { "limit", "quota", "connlimit", "statistic" };
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (!strcmp(match, list[i]))
			return true;
	}
	return false;
}

static void
judge_entry(struct doctor *doctor, const struct xtable *table, const char *chain, uint32_t at,
    uint32_t number)
{
	uint32_t offset =
	    table->family == FAMILY_IPV4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);
	const uint32_t end = xtable_entry_target(table, at);
	struct xt_entry_match match;
	struct finding *finding;

	while (offset + sizeof(match) <= end) {
		memcpy(&match, table->entries + at + offset, sizeof(match));
		match.u.user.name[sizeof(match.u.user.name) - 1] = '\0';
		if (forgets(match.u.user.name)) {
			finding = finding_add(&doctor->findings, FINDING_WARN, "tables.state",
			    names[table->family],
			    "rule %u of %s has `%s`: its count begins anew "
			    "when a fence comes or goes",
			    number, chain, match.u.user.name);
			finding_mend(finding, "Use hashlimit, or a rule of nftables.");
		}
		if (match.u.match_size < sizeof(match))
			break;
		offset += match.u.match_size;
	}
}

static void
judge_others(struct doctor *doctor, const struct xtable *table)
{
	size_t before = doctor->findings.n;
	uint32_t i, at, number;

	for (i = 0; i < table->n_chains; i++) {
		const struct xtable_chain *chain = &table->chains[i];

		if (is_ours(chain->name))
			continue;
		for (at = chain->first, number = 1; at < chain->end;
		     at += xtable_entry_size(table, at), number++)
			judge_entry(doctor, table, chain->name, at, number);
	}
	if (doctor->findings.n == before)
		finding_add(&doctor->findings, FINDING_OK, "tables.state", names[table->family],
		    "no other rule loses its count through a fence");
}

/* ---------------------------------------------------------------- the tables */

bool
tables_judge(struct doctor *doctor, const struct xtable *table, bool fenced, bool last)
{
	if (!judge_jump(doctor, table, fenced, last))
		return false;
	judge_others(doctor, table);
	return true;
}

/* How many fences ought to stand; -1: nobody can tell. */
static int64_t
fences(const struct doctor *doctor)
{
	struct json_object *part;

	/* Then none ought to, and that has been said. */
	if (doctor_off(doctor))
		return 0;
	if (!doctor->status || !json_object_object_get_ex(doctor->status, "fences", &part))
		return -1;
	return doctor_number(part, "users");
}

static bool
is_made(const struct host *host, enum family family)
{
	cleanup_free char *text = NULL;
	char *next, *line;

	if (host_read(host,
		family == FAMILY_IPV4 ? "/proc/net/ip_tables_names" : "/proc/net/ip6_tables_names",
		&text) < 0)
		return false;
	for (next = text; (line = host_line(&next));) {
		if (!strcmp(line, "filter"))
			return true;
	}
	return false;
}

/* The first fence makes it, and a table stays. */
static void
judge_missing(struct doctor *doctor, enum family family)
{
	struct finding *finding;

	doctor_refresh(doctor);
	if (family == FAMILY_IPV6 && !host_exists(&doctor->host, "/proc/sys/net/ipv6"))
		return;
	if (fences(doctor) <= 0) {
		finding_add(&doctor->findings, fences(doctor) < 0 ? FINDING_UNKNOWN : FINDING_OK,
		    "tables.jump", names[family], "there is no table, and nobody has a fence");
		return;
	}
	finding = finding_add(&doctor->findings, FINDING_FAIL, "tables.jump", names[family],
	    "there is no table, and so no fence");
	finding_mend(finding, "The log of netfenced says why.");
}

static void
look_at(struct doctor *doctor, enum family family)
{
	struct xtable table = { .family = family };
	cleanup_fd int fd = -1;
	int64_t standing = 0;
	struct why why = { "" };
	int result, i;
	bool done = false;

	/* Asking for a table makes it, and may load a module. */
	if (!is_made(&doctor->host, family)) {
		judge_missing(doctor, family);
		return;
	}
	result = xtable_socket(family, &fd, &why);
	if (result == -EAFNOSUPPORT)
		return;
	for (i = 1; result == 0 && !done && i <= LOOKS; i++) {
		if (i > 1)
			poll(NULL, 0, LOOK_MS);
		doctor_refresh(doctor);
		standing = fences(doctor);
		result = xtable_read(fd, &table, &why);
		if (result == 0)
			result = xtable_find_chains(&table, &why);
		if (result == 0)
			done = tables_judge(doctor, &table, standing > 0, i == LOOKS);
	}
	if (result < 0)
		finding_add(&doctor->findings, FINDING_UNKNOWN, "tables.jump", names[family], "%s",
		    why.text);
	xtable_free(&table);
}

void
doctor_tables(struct doctor *doctor)
{
	/* Below another root there are files, and no kernel. */
	if (doctor->host.root[0])
		return;
	if (!strncmp(doctor_text(doctor->status, "engine"), "nft", 3))
		return;
	look_at(doctor, FAMILY_IPV4);
	look_at(doctor, FAMILY_IPV6);
}
