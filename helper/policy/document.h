/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A YAML text as a tree of nodes with marks. Of YAML it takes what a configuration needs: text,
 * lists and mappings. What a value means, it does not know; every scalar is text.
 *
 * What is wrong is reported here once, and what it spoilt is remembered as NODE_BAD or as cut, so
 * that nobody reports it again.
 */
#ifndef NETFENCE_POLICY_DOCUMENT_H
#define NETFENCE_POLICY_DOCUMENT_H

#include "policy/report.h"

#define DOCUMENT_DEPTH_MAX  16            /* lists and mappings within one another */
#define DOCUMENT_LENGTH_MAX (1024 * 1024) /* bytes of a file */

enum node_kind {
	NODE_TEXT,
	NODE_EMPTY, /* a key or a dash with nothing behind it; its mark is the key's */
	NODE_LIST,
	NODE_MAP,
	NODE_BAD /* reported already */
};

/*
 * text    of NODE_TEXT: UTF-8 without control characters other than newline and tab
 * plain   of NODE_TEXT: not quoted, and no block; it ends in line end_line, at column end_column
 * n, first, last   the members of a list, or the values of a mapping, in the file's order
 * next    in the list or mapping that it is a member of
 * key     as the value of a mapping: its key, a NODE_TEXT
 * cut     of a list or mapping: the file could not be read to its end, members may be missing
 * doubled of a mapping: a key stood there twice, and the second's value is not here
 */
struct node {
	enum node_kind kind;
	bool cut;
	bool doubled;
	bool plain;
	uint32_t end_line;
	uint32_t end_column;
	struct mark mark;
	const char *text;
	uint32_t n;
	struct node *first;
	struct node *last;
	struct node *next;
	struct node *key;
};

/*
 * Reads source->text (and takes a byte order mark off its head). *root becomes NULL where there is
 * nothing but comments, or nothing that could be used; the nodes are the arena's. Returns 0,
 * -EINVAL (reported; the tree may still hold what came before the error), or -ENOMEM.
 */
int document_read(
    struct arena *arena, struct reporter *reporter, struct source *source, struct node **root);

/* The value of a key in a mapping, or NULL. */
const struct node *node_get(const struct node *map, const char *key);

/* Whether a comment cuts a plain text off: " #" stands behind it in its line. */
bool document_is_cut(const struct node *node);

/* "a list", "a mapping", … */
const char *node_kind_name(const struct node *node);

#endif
