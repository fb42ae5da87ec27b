/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One family's filter table as libiptc holds it: read at once, changed in memory, written back at
 * once. libip4tc and libip6tc behind one set of functions, with our errors.
 */
#ifndef NETFENCE_IPTABLES_SNAPSHOT_H
#define NETFENCE_IPTABLES_SNAPSHOT_H

#include "base/why.h"
#include "iptables/entry.h"

#define SNAPSHOT_TABLE "filter"
#define OUTPUT_CHAIN   "OUTPUT"

struct xtc_handle;

struct snapshot {
	enum family family;
	struct xtc_handle *handle;
};

/* Reads the table. On success the caller lets go of it with snapshot_close(). -EAFNOSUPPORT: the
 * kernel has no such family; -EPERM: CAP_NET_RAW or CAP_NET_ADMIN is missing; -ENOPROTOOPT,
 * -ENOENT: the tables are not in the kernel (not loaded); -ENOMEM. */
int snapshot_open(enum family family, struct snapshot *snapshot, struct why *why);
void snapshot_close(struct snapshot *snapshot); /* all zero is allowed */

/* Chains, in order; NULL at the end. The names live until the chain is deleted. */
const char *snapshot_first_chain(struct snapshot *snapshot);
const char *snapshot_next_chain(struct snapshot *snapshot);

bool snapshot_has(struct snapshot *snapshot, const char *chain);

/* How many rules lead to a chain that exists. */
unsigned int snapshot_references(struct snapshot *snapshot, const char *chain);

/* A chain's rules as ipt_entry or ip6t_entry, in order; NULL at the end. One walk at a time. */
const void *snapshot_first_rule(struct snapshot *snapshot, const char *chain);
const void *snapshot_next_rule(struct snapshot *snapshot, const void *rule);

/* Where a rule of the snapshot leads: a chain's or a target's name, "" for nowhere. */
const char *snapshot_target(struct snapshot *snapshot, const void *rule);

/* The edits; nothing of them is in the kernel before snapshot_commit(). A chain that an entry leads
 * to must exist by then: libiptc would take its name for a target module's. */
int snapshot_create(struct snapshot *snapshot, const char *chain, struct why *why);
int snapshot_flush(struct snapshot *snapshot, const char *chain, struct why *why);
int snapshot_delete(struct snapshot *snapshot, const char *chain, struct why *why);
int snapshot_append(
    struct snapshot *snapshot, const char *chain, const struct entry *entry, struct why *why);
int snapshot_insert_first(
    struct snapshot *snapshot, const char *chain, const struct entry *entry, struct why *why);

/* Takes out every rule of `chain` that leads to `target`, whatever else it says; found by what
 * they say and never by their number. */
int snapshot_remove_jumps(
    struct snapshot *snapshot, const char *chain, const char *target, struct why *why);

/*
 * Writes the table. -EAGAIN: it has more or fewer rules than when it was read. Any error may mean
 * that the rules are in and only the counters are not (libiptc puts those back in a second step):
 * read again before believing one.
 */
int snapshot_commit(struct snapshot *snapshot, struct why *why);

#endif
