/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/snapshot.h"

#include <errno.h>
#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* errno first, and the words before any other call into libiptc: they hang on a global that says
 * which of its functions ran last. */
static int
failed(const struct snapshot *snapshot, struct why *why, const char *what, const char *chain)
{
	bool ipv4 = snapshot->family == FAMILY_IPV4;
	int error = errno ? errno : EPROTO;
	const char *words = ipv4 ? iptc_strerror(error) : ip6tc_strerror(error);

	return why_set(why, error, "%s table " SNAPSHOT_TABLE ": %s%s: %s (%s)",
	    ipv4 ? "IPv4" : "IPv6", what, chain, words, strerrordesc_np(error));
}

static int
open_failed(enum family family, struct why *why)
{
	const char *name = family == FAMILY_IPV4 ? "IPv4" : "IPv6";
	int error = errno ? errno : EPROTO;

	switch (error) {
	case EAFNOSUPPORT:
		return why_set(why, error, "the kernel has no %s", name);
	case EPERM:
		return why_set(why, error,
		    "%s tables cannot be read: CAP_NET_RAW or CAP_NET_ADMIN is missing", name);
	case ENOPROTOOPT:
		return why_set(why, error, "the kernel has no %s tables: load %s", name,
		    family == FAMILY_IPV4 ? "ip_tables" : "ip6_tables");
	case ENOENT:
		return why_set(why, error, "the kernel has no %s table " SNAPSHOT_TABLE ": load %s",
		    name, family == FAMILY_IPV4 ? "iptable_filter" : "ip6table_filter");
	default:
		return why_errno(why, error, "%s table " SNAPSHOT_TABLE " cannot be read", name);
	}
}

int
snapshot_open(enum family family, struct snapshot *snapshot, struct why *why)
{
	*snapshot = (struct snapshot){ .family = family };
	errno = 0;
	snapshot->handle =
	    family == FAMILY_IPV4 ? iptc_init(SNAPSHOT_TABLE) : ip6tc_init(SNAPSHOT_TABLE);
	return snapshot->handle ? 0 : open_failed(family, why);
}

void
snapshot_close(struct snapshot *snapshot)
{
	if (!snapshot->handle)
		return;
	if (snapshot->family == FAMILY_IPV4)
		iptc_free(snapshot->handle);
	else
		ip6tc_free(snapshot->handle);
	snapshot->handle = NULL;
}

const char *
snapshot_first_chain(struct snapshot *snapshot)
{
	return snapshot->family == FAMILY_IPV4 ? iptc_first_chain(snapshot->handle)
					       : ip6tc_first_chain(snapshot->handle);
}

const char *
snapshot_next_chain(struct snapshot *snapshot)
{
	return snapshot->family == FAMILY_IPV4 ? iptc_next_chain(snapshot->handle)
					       : ip6tc_next_chain(snapshot->handle);
}

bool
snapshot_has(struct snapshot *snapshot, const char *chain)
{
	return snapshot->family == FAMILY_IPV4 ? iptc_is_chain(chain, snapshot->handle)
					       : ip6tc_is_chain(chain, snapshot->handle);
}

unsigned int
snapshot_references(struct snapshot *snapshot, const char *chain)
{
	unsigned int n = 0;

	if (snapshot->family == FAMILY_IPV4)
		iptc_get_references(&n, chain, snapshot->handle);
	else
		ip6tc_get_references(&n, chain, snapshot->handle);
	return n;
}

const void *
snapshot_first_rule(struct snapshot *snapshot, const char *chain)
{
	if (snapshot->family == FAMILY_IPV4)
		return iptc_first_rule(chain, snapshot->handle);
	return ip6tc_first_rule(chain, snapshot->handle);
}

const void *
snapshot_next_rule(struct snapshot *snapshot, const void *rule)
{
	if (snapshot->family == FAMILY_IPV4)
		return iptc_next_rule(rule, snapshot->handle);
	return ip6tc_next_rule(rule, snapshot->handle);
}

const char *
snapshot_target(struct snapshot *snapshot, const void *rule)
{
	return snapshot->family == FAMILY_IPV4 ? iptc_get_target(rule, snapshot->handle)
					       : ip6tc_get_target(rule, snapshot->handle);
}

int
snapshot_create(struct snapshot *snapshot, const char *chain, struct why *why)
{
	int done = snapshot->family == FAMILY_IPV4 ? iptc_create_chain(chain, snapshot->handle)
						   : ip6tc_create_chain(chain, snapshot->handle);

	return done ? 0 : failed(snapshot, why, "create ", chain);
}

int
snapshot_flush(struct snapshot *snapshot, const char *chain, struct why *why)
{
	int done = snapshot->family == FAMILY_IPV4 ? iptc_flush_entries(chain, snapshot->handle)
						   : ip6tc_flush_entries(chain, snapshot->handle);

	return done ? 0 : failed(snapshot, why, "flush ", chain);
}

int
snapshot_delete(struct snapshot *snapshot, const char *chain, struct why *why)
{
	int done = snapshot->family == FAMILY_IPV4 ? iptc_delete_chain(chain, snapshot->handle)
						   : ip6tc_delete_chain(chain, snapshot->handle);

	return done ? 0 : failed(snapshot, why, "delete ", chain);
}

int
snapshot_append(
    struct snapshot *snapshot, const char *chain, const struct entry *entry, struct why *why)
{
	const void *bytes = entry->bytes;
	int done = snapshot->family == FAMILY_IPV4
		       ? iptc_append_entry(chain, bytes, snapshot->handle)
		       : ip6tc_append_entry(chain, bytes, snapshot->handle);

	return done ? 0 : failed(snapshot, why, "append to ", chain);
}

int
snapshot_insert_first(
    struct snapshot *snapshot, const char *chain, const struct entry *entry, struct why *why)
{
	const void *bytes = entry->bytes;
	int done = snapshot->family == FAMILY_IPV4
		       ? iptc_insert_entry(chain, bytes, 0, snapshot->handle)
		       : ip6tc_insert_entry(chain, bytes, 0, snapshot->handle);

	return done ? 0 : failed(snapshot, why, "insert into ", chain);
}

/* Where an entry's target begins, and where the entry ends. */
static void
bounds(enum family family, const void *rule, size_t *target, size_t *end)
{
	const struct ipt_entry *entry = rule;
	const struct ip6t_entry *entry6 = rule;

	*target = family == FAMILY_IPV4 ? entry->target_offset : entry6->target_offset;
	*end = family == FAMILY_IPV4 ? entry->next_offset : entry6->next_offset;
}

/* libiptc takes out the first rule of the chain that says what the given one says, every bit that
 * the mask holds; it knows a jump by the name, which the rule as read does not carry. */
static int
remove_rule(struct snapshot *snapshot, const char *chain, const void *rule, const char *name,
    struct why *why)
{
	cleanup_free unsigned char *copy = NULL;
	cleanup_free unsigned char *mask = NULL;
	size_t target, end;
	int done;

	bounds(snapshot->family, rule, &target, &end);
	copy = malloc(end);
	mask = malloc(end);
	if (!copy || !mask)
		return why_errno(why, ENOMEM, "remove from %s", chain);
	memcpy(copy, rule, end);
	memset(mask, 0xff, end);
	snprintf((char *)copy + target + offsetof(struct xt_entry_target, u.user.name),
	    sizeof(((struct xt_entry_target *)0)->u.user.name), "%s", name);
	if (snapshot->family == FAMILY_IPV4)
		done = iptc_delete_entry(chain, (void *)copy, mask, snapshot->handle);
	else
		done = ip6tc_delete_entry(chain, (void *)copy, mask, snapshot->handle);
	return done ? 0 : failed(snapshot, why, "remove from ", chain);
}

static const void *
find_jump(struct snapshot *snapshot, const char *chain, const char *target)
{
	const void *rule;

	for (rule = snapshot_first_rule(snapshot, chain); rule;
	     rule = snapshot_next_rule(snapshot, rule)) {
		if (strcmp(snapshot_target(snapshot, rule), target) == 0)
			return rule;
	}
	return NULL;
}

int
snapshot_remove_jumps(
    struct snapshot *snapshot, const char *chain, const char *target, struct why *why)
{
	const void *rule;
	int error = 0;

	while (!error && (rule = find_jump(snapshot, chain, target)))
		error = remove_rule(snapshot, chain, rule, target, why);
	return error;
}

int
snapshot_commit(struct snapshot *snapshot, struct why *why)
{
	int done = snapshot->family == FAMILY_IPV4 ? iptc_commit(snapshot->handle)
						   : ip6tc_commit(snapshot->handle);

	return done ? 0 : failed(snapshot, why, "commit", "");
}
