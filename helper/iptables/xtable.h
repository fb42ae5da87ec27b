/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One family's filter table in the shape in which the kernel hands it out and takes it: entries
 * one behind the other, chains among them. Read at once and written at once; what is in it is
 * others' to understand.
 */
#ifndef NETFENCE_IPTABLES_XTABLE_H
#define NETFENCE_IPTABLES_XTABLE_H

#include <stddef.h>

#include "base/why.h"
#include "iptables/entry.h"

#define XTABLE_HOOKS 5 /* NF_INET_NUMHOOKS */

/* An entry that has no predecessor; see xtable_write(). */
#define XTABLE_NEW UINT32_MAX

/*
 * A chain is its head, its rules and its end, an entry each; a built-in one has no head. Offsets
 * are in bytes from the first entry of the table.
 * name    in the table's own memory, or static
 * hook    of a built-in chain; else XTABLE_HOOKS
 * begin   of its head, or of its first rule
 * first   of its first rule: where jumps to it lead
 * end     of its end, which holds a built-in chain's policy
 * number  which entry of the table is at `begin`, from 0
 * n       how many rules it has
 */
struct xtable_chain {
	const char *name;
	uint32_t hook;
	uint32_t begin;
	uint32_t first;
	uint32_t end;
	uint32_t number;
	uint32_t n;
};

/*
 * Begins all zero but for the family; xtable_free() lets go of it. Buffers grow and are kept, so
 * that one table can be read again and again.
 */
struct xtable {
	enum family family;
	uint32_t valid_hooks;
	uint32_t hook_entry[XTABLE_HOOKS];
	uint32_t underflow[XTABLE_HOOKS];
	uint32_t n_entries;
	uint32_t size; /* of the entries, bytes */
	unsigned char *entries;
	unsigned char *memory; /* `entries` and room for a header before them */
	uint32_t room;
	uint32_t n_chains; /* after xtable_find_chains() */
	struct xtable_chain *chains;
	uint32_t chains_room;
};

void xtable_free(struct xtable *table);

/* A socket to speak to a family's tables through; the caller's. -EAFNOSUPPORT: the kernel has no
 * such family; -EPERM: CAP_NET_RAW is missing. */
int xtable_socket(enum family family, int *fd, struct why *why);

/* How many entries the table has now, and their size. -EPERM: CAP_NET_ADMIN is missing;
 * -ENOPROTOOPT, -ENOENT: the tables are not in the kernel (not loaded). */
int xtable_count(int fd, enum family family, uint32_t *n_entries, uint32_t *size, struct why *why);

/* Reads the table. As xtable_count(), and -ENOMEM, -EAGAIN: it changes all the time. */
int xtable_read(int fd, struct xtable *table, struct why *why);

/* Finds the chains, in the order in which they stand. -ENOMEM, -EPROTO: not a table. */
int xtable_find_chains(struct xtable *table, struct why *why);

/*
 * Writes the table in the place of one with n_old entries. from[i]: the entry of that one whose
 * counters entry i goes on with, or XTABLE_NEW. -EAGAIN: there are more or fewer than n_old;
 * others as the kernel has them; then nothing has changed. 0 also where the rules are in and the
 * counters, which go in in a second step, are not.
 */
int xtable_write(
    int fd, const struct xtable *table, uint32_t n_old, const uint32_t *from, struct why *why);

/* Whether the two say the same, counters and what only the kernel uses aside. Differences in what
 * nobody uses may count: then a closer look is due. */
bool xtable_same(const struct xtable *one, const struct xtable *other);

/* Adds an entry, or `n` of them in `size` bytes; *offset, where not NULL, is where it stands then.
 * False where there is no memory or the table grows beyond 2^31 bytes. */
bool xtable_append(
    struct xtable *table, const void *bytes, uint32_t size, uint32_t n, uint32_t *offset);

/* ---------------------------------------------------------------- one entry of a table */

/* Its size, and where in it the target begins. */
uint32_t xtable_entry_size(const struct xtable *table, uint32_t offset);
uint32_t xtable_entry_target(const struct xtable *table, uint32_t offset);

/* The target's name: "" for a standard one, which has a verdict: below 0 an end, else the offset
 * at which to go on. */
const char *xtable_target_name(const struct xtable *table, uint32_t offset);
int32_t xtable_verdict(const struct xtable *table, uint32_t offset);
void xtable_set_verdict(struct xtable *table, uint32_t offset, int32_t verdict);

/* The head of a chain, and the RETURN at its end. */
void xtable_make_head(enum family family, const char *name, struct entry *entry);
void xtable_make_return(enum family family, struct entry *entry);

#endif
