/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking netfenced. One that is being restarted (no socket, nobody behind it, a connection that
 * breaks before the answer) is asked again until the deadline.
 */
#ifndef PAM_NETFENCE_ASK_H
#define PAM_NETFENCE_ASK_H

#include <stdint.h>

#include "base/why.h"
#include "wire/message.h"

enum ask_verdict {
	ASK_FENCED,  /* both families are in force, and netfenced knows that we know */
	ASK_FREE,    /* no fence applies */
	ASK_REFUSED, /* the session must not be */
};

/*
 * fenced   with ASK_FENCED
 * session  with ASK_FREE: what to close later; id 0: nothing
 * reason   without a fence: netfenced's own words
 */
struct ask_answer {
	enum ask_verdict verdict;
	struct fenced_answer fenced;
	struct session_name session;
	char *reason;
};

/* deadline_ms: of wire_clock_ms(). To the request are added here: patience_ms; netns; and a flaw
 * where that cannot be told. 0 with an answer, the caller's to clear; -ENOMEM; -E2BIG: the request
 * is more than netfenced would read; anything else: there was no answer, and so there is no
 * session. */
int ask_open(const char *socket, const struct open_request *request, int64_t deadline_ms,
    struct ask_answer *answer, struct why *why);
void ask_answer_clear(struct ask_answer *answer);

/* -EREMOTEIO: netfenced says that it cannot, in its words; else as above. */
int ask_close(
    const char *socket, const struct session_name *session, int64_t deadline_ms, struct why *why);

#endif
