/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this room share, and nobody else sees.
 */
#ifndef NETFENCE_RELOAD_INSIDE_H
#define NETFENCE_RELOAD_INSIDE_H

#include "kept.h"
#include "reload/changes.h"
#include "reload/reload.h"
#include "term.h"

struct event;

/* What the answer of the resolver is waited for. */
enum asked { ASKED_NOTHING, ASKED_DAMAGED, ASKED_LOGINS, ASKED_GROUPS, ASKED_ALWAYS };

struct reload {
	struct reload_setup setup;
	struct resolver *resolver;
	enum asked asked;
	bool groups_next;   /* once the resolver has answered, the groups are asked for */
	bool always_missed; /* who is always fenced is to be asked, or asked again */
	uint64_t generation;
	enum reload_from source; /* of the rules in force */
	struct term_boot boot;
	struct term confirm_by; /* until 0: they are for good */
	struct event *confirm;  /* rings when they had to be confirmed, and before */
	char *previous;         /* the rules before, as this main has had them kept; or NULL */
	size_t previous_length;
	struct why failure;   /* of the latest attempt, or "" */
	struct event *follow; /* resolv.conf */
	struct event *count;  /* a dry run's sockets, when the engines are free */
	unsigned int count_tries;
	struct waiting *waiting; /* requests that came meanwhile, in their order */
	struct event *next;      /* begins the first of them */
	int64_t would_cut;       /* for the answer to a dry run; -1: nothing is said */
	struct connection *asker;
	struct reload_request request; /* under way, with: */
	struct rules *rules;           /* being put in force */
	struct rules *former;          /* in force until then, or NULL */
	bool same;                     /* those two do the same */
	struct changes_before *before; /* who had what under these, or NULL */
};

/* Begins at once; nothing is under way. */
void reload_do(
    struct reload *reload, const struct reload_request *request, struct connection *connection);

/* The rules that were read, into force; what was asked for them has been answered. */
void reload_use(struct reload *reload);

/* asking.c: what the name service is asked, one question at a time, and what its answers begin. */
void asking_always(struct reload *reload);
void asking_groups(struct reload *reload);
void asking_answered(struct resolved *list, uint32_t n, bool complete, void *reload);

/* waiting.c: what is asked for while something is under way is done afterwards; a signal that comes
 * several times, once. waiting_next(): when nothing is under way any more. */
void waiting_add(
    struct reload *reload, const struct reload_request *request, struct connection *connection);
void waiting_next(struct reload *reload);
void waiting_on_time(int fd, short what, void *reload);
void waiting_hung_up(struct reload *reload, const struct connection *connection);
void waiting_free(struct reload *reload);

/* keep.c: what there has to be in the state folder once rules have come into force. same: they say
 * what the former ones said. */
void keep_all(struct reload *reload, bool same);

/* The rules have to be confirmed within so many seconds, or are for good: 0. again: so they have;
 * it is written down how long that is still, and rings then, or in a minute. */
void keep_confirm(struct reload *reload, uint32_t seconds);
void keep_confirm_again(const struct reload *reload);

/* 1: the kept rules count, and not the files; 0: they do not; -ENOMEM: that is not known. */
int keep_is_pinned(const struct reload *reload);

/* Until when they have to be. What was kept and cannot be read is over. 0, or -ENOMEM. */
int keep_confirm_by(const struct reload *reload, struct term *by);

/* Rules that were kept. Errors as kept_read() and ruleset_load_bundle() have them; -ENOMEM also
 * without a descriptor. */
int keep_load(const struct reload *reload, enum kept which, struct ruleset **set, struct why *why);

#endif
