/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What GRANT asks: that a user may reach something for a while.
 */
#ifndef NETFENCE_EXPLAIN_GRANT_REQUEST_H
#define NETFENCE_EXPLAIN_GRANT_REQUEST_H

#include "explain/question.h"

/*
 * subject  who: user, uid and groups count
 * what, where  as they were typed
 * seconds  from now on
 * reason   or ""
 * claim    who asks, by their own account
 */
struct grant_request {
	struct question subject;
	const char *what;
	const char *where;
	uint32_t seconds;
	const char *reason;
	const char *claim;
};

/* The reverse of each other. get: false where the payload is not one; what it gives is the
 * arena's. */
void grant_request_put(struct wire_out *out, const struct grant_request *request);
bool grant_request_get(struct wire_in *in, struct arena *arena, struct grant_request *request);

#endif
