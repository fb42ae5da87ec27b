/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sessions that are open on a PAM handle, kept in its PAM data from open to close. One handle
 * may hold sessions of several users, and `su -` opens its user's twice.
 *
 * pam_end() only forgets them: a child that inherited the handle calls it too, and whose opener
 * ends without closing is netfenced's to notice.
 */
#ifndef PAM_NETFENCE_SESSIONS_H
#define PAM_NETFENCE_SESSIONS_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "wire/message.h"

/*
 * user     the PAM_USER that it was opened for, to find it again without a name service
 * depth    how often it was opened; the last close ends it
 * is_free  nothing fences it; netfenced knows it for the sake of the next rules
 */
struct session {
	struct session *below;
	char *user;
	uint32_t uid;
	unsigned int depth;
	bool is_free;
	struct session_name name;
};

struct sessions; /* of one handle */

/* The sessions of this handle, which the handle owns; NULL where it has none. */
struct sessions *sessions_of(pam_handle_t *pamh);

/* The same, made where there are none. -ENOMEM. */
int sessions_make(pam_handle_t *pamh, struct sessions **sessions, struct why *why);

/* The latest for a uid, or for a PAM_USER; NULL where there is none. sessions may be NULL. */
struct session *sessions_find_uid(const struct sessions *sessions, uint32_t uid);
struct session *sessions_find_user(const struct sessions *sessions, const char *user);

/* A session of depth 1 that is in no handle's sessions yet; NULL where there is no memory. The
 * caller's, until sessions_push(). */
struct session *session_new(const char *user, uint32_t uid);
void session_free(struct session *session); /* NULL is allowed */

/* Hands it over; cannot fail. */
void sessions_push(struct sessions *sessions, struct session *session);

/* Takes it out again: the caller's. */
void sessions_remove(struct sessions *sessions, struct session *session);

#endif
