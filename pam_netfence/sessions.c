/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DATA_NAME "pam_netfence_sessions"

struct sessions {
	struct session *latest;
};

/* What PAM holds. It gives its data back as const; what they point to is not. */
struct data {
	struct sessions *sessions;
};

static void
forget(pam_handle_t *pamh, void *given, int status)
{
	struct data *data = given;
	struct session *session;

	(void)pamh;
	(void)status;
	while ((session = data->sessions->latest)) {
		data->sessions->latest = session->below;
		session_free(session);
	}
	free(data->sessions);
	free(data);
}

struct sessions *
sessions_of(pam_handle_t *pamh)
{
	const void *given = NULL;
	const struct data *data;

	if (pam_get_data(pamh, DATA_NAME, &given) != PAM_SUCCESS || !given)
		return NULL;
	data = given;
	return data->sessions;
}

int
sessions_make(pam_handle_t *pamh, struct sessions **sessions, struct why *why)
{
	struct data *data;

	*sessions = sessions_of(pamh);
	if (*sessions)
		return 0;
	data = calloc(1, sizeof(*data));
	if (data)
		data->sessions = calloc(1, sizeof(*data->sessions));
	if (!data || !data->sessions) {
		free(data);
		return why_set(why, ENOMEM, "no memory");
	}
	if (pam_set_data(pamh, DATA_NAME, data, forget) != PAM_SUCCESS) {
		forget(pamh, data, 0);
		return why_set(why, ENOMEM, "no memory in the PAM handle");
	}
	*sessions = data->sessions;
	return 0;
}

struct session *
sessions_find_uid(const struct sessions *sessions, uint32_t uid)
{
	struct session *session = sessions ? sessions->latest : NULL;

	while (session && session->uid != uid)
		session = session->below;
	return session;
}

struct session *
sessions_find_user(const struct sessions *sessions, const char *user)
{
	struct session *session = sessions ? sessions->latest : NULL;

	while (session && strcmp(session->user, user) != 0)
		session = session->below;
	return session;
}

struct session *
session_new(const char *user, uint32_t uid)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->user = strdup(user);
	if (!session->user) {
		free(session);
		return NULL;
	}
	session->uid = uid;
	session->depth = 1;
	return session;
}

void
session_free(struct session *session)
{
	if (!session)
		return;
	free(session->user);
	free(session);
}

void
sessions_push(struct sessions *sessions, struct session *session)
{
	session->below = sessions->latest;
	sessions->latest = session;
}

void
sessions_remove(struct sessions *sessions, struct session *session)
{
	struct session **at = &sessions->latest;

	while (*at != session)
		at = &(*at)->below;
	*at = session->below;
	session->below = NULL;
}
