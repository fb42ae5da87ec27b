/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a mapping by a table of its keys. A new keyword is a new line in such a table, and a
 * function that reads its value.
 */
#ifndef NETFENCE_POLICY_KEYS_H
#define NETFENCE_POLICY_KEYS_H

#include "policy/reader.h"

/* 0, -EINVAL (reported), or -ENOMEM. The value is never NODE_BAD; NODE_EMPTY it may be. */
typedef int key_reader(struct reader *reader, const struct node *value, void *into);

/*
 * name  as it is written
 * read  NULL: a name of this grammar that this version does not support, or
 * mend  not a name at all, but one that people try: what to write instead
 */
struct key {
	const char *name;
	key_reader *read;
	const char *mend;
};

/*
 * Reads each value of a mapping with the function of its key, `into` what the caller has.
 * keys: up to a NULL name. what: "a rule", for messages. *strange: a key was not one of them, so
 * that nothing should be called missing, as it may be there under a wrong name. 0, -EINVAL
 * (reported), -ENOMEM.
 */
int keys_read(struct reader *reader, const struct node *map, const struct key *keys,
    const char *what, void *into, bool *strange);

/* Calls `each` with the text, or each of the texts in a list. Nothing, an empty list and anything
 * else is reported. example: for messages. */
int keys_each_text(struct reader *reader, const struct node *value, const char *example,
    key_reader *each, void *into);

/* A word out of a few. mend: not allowed, what to write instead. */
struct choice {
	const char *name;
	int value;
	const char *mend;
};
int keys_choose(
    struct reader *reader, const struct node *value, const struct choice *choices, int *chosen);

/* 'true' or 'false', and no other of YAML's words for them. */
int keys_bool(struct reader *reader, const struct node *value, bool *flag);

/* The text of a one-line value, or NULL where it is none (then *result has been told why). */
const char *keys_text(
    struct reader *reader, const struct node *value, const char *example, int *result);

#endif
