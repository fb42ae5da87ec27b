/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session module: who logs in, what netfenced says to it, and what becomes of that in PAM's
 * terms. It is a guest in sshd, su, cron and others: nothing is kept but in the PAM handle, and
 * no signal, no syslog setting and no descriptor of the host's is touched.
 */
#include <errno.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "ask.h"
#include "base/cleanup.h"
#include "identity/identity.h"
#include "identity/subuid.h"
#include "message.h"
#include "netfence/paths.h"
#include "options.h"
#include "policy/who.h"
#include "sessions.h"
#include "wire/client.h"

/* For `netfencectl doctor`, and what(1): a module is a file that somebody may have left behind. */
__attribute__((used)) static const char version[] = "@(#)pam_netfence " NETFENCE_VERSION;

/* What the user reads; the cause is the administrator's, and stands in the log. */
#define REFUSAL "This session is refused: its network restrictions could not be put in place."

/* How long the close of a session that is not fenced may take. */
#define FREE_CLOSE_MS 300

/* One call of open or close. */
struct call {
	pam_handle_t *pamh;
	struct options options;
	bool silent;
	int64_t deadline_ms; /* of wire_clock_ms() */
	const char *user;    /* PAM_USER */
};

__attribute__((format(printf, 2, 3))) static void
debug(const struct call *call, const char *format, ...)
{
	va_list args;

	if (!call->options.debug)
		return;
	va_start(args, format);
	pam_vsyslog(call->pamh, LOG_DEBUG, format, args);
	va_end(args);
}

static const char *
item(const pam_handle_t *pamh, int type)
{
	const void *value = NULL;

	if (pam_get_item(pamh, type, &value) != PAM_SUCCESS)
		return NULL;
	return value;
}

/* False, and logged, where the options are wrong. */
static bool
call_begin(struct call *call, pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct why why = { "" };

	memset(call, 0, sizeof(*call));
	call->pamh = pamh;
	call->deadline_ms = wire_clock_ms();
	if (options_read(&call->options, argc, argv, &why) < 0) {
		pam_syslog(pamh, LOG_ERR, "bad option: %s", why.text);
		return false;
	}
	call->deadline_ms += call->options.timeout_ms;
	call->silent = (flags & PAM_SILENT) || call->options.quiet;
	call->user = item(pamh, PAM_USER);
	return true;
}

/* There is no fence, and somebody who should have one, or of whom that is not known. */
static int
refuse(const struct call *call, const char *reason)
{
	if (call->options.succeed) {
		pam_syslog(call->pamh, LOG_WARNING,
		    "%s is let in WITHOUT a fence (onerr=succeed): %s", call->user, reason);
		return PAM_IGNORE;
	}
	pam_syslog(call->pamh, LOG_ERR, "%s is refused: %s", call->user, reason);
	if (!call->silent)
		pam_error(call->pamh, "%s", REFUSAL);
	return PAM_SESSION_ERR;
}

static int
no_memory(const struct call *call)
{
	pam_syslog(call->pamh, LOG_CRIT, "no memory");
	return PAM_BUF_ERR;
}

static int
unknown_user(const struct call *call)
{
	pam_syslog(call->pamh, LOG_NOTICE, "there is no such user");
	return PAM_USER_UNKNOWN;
}

/* Waiting for the name service is not bounded here, and so must not use up the time for asking
 * netfenced: a slow directory would refuse everybody. */
static void
excuse(struct call *call, int64_t since_ms)
{
	call->deadline_ms += wire_clock_ms() - since_ms;
}

static int
find_identity(struct call *call, struct identity *identity, struct why *why)
{
	int64_t since = wire_clock_ms();
	int result = identity_find(call->user, identity, why);

	excuse(call, since);
	return result;
}

static int
find_groups(struct call *call, struct identity *identity, struct why *why)
{
	int64_t since = wire_clock_ms();
	int result = identity_find_groups(identity, why);

	excuse(call, since);
	return result;
}

static bool
is_admin(const struct call *call, const struct identity *identity)
{
	uint32_t i;

	for (i = 0; i < identity->n_groups; i++) {
		if (options_admin(&call->options, identity->groups[i])) {
			debug(call, "%s is a member of %s: not asking", identity->name,
			    identity->groups[i]);
			return true;
		}
	}
	return false;
}

/* Subordinate uids. What is wrong with them goes to netfenced in `flaw`, since only there it is
 * known whether it matters. */
static int
find_ranges(
    struct call *call, const struct identity *identity, struct subuids *subuids, struct why *flaw)
{
	int64_t since = wire_clock_ms();
	int result = subuid_find(identity->name, identity->uid, subuids, flaw);

	excuse(call, since);
	if (result == 0)
		flaw->text[0] = '\0';
	else
		subuids->n = 0;
	return result == -ENOMEM ? result : 0;
}

/* PROTOCOL_NAME_MAX bytes of an item that is only told on; "" where it is not set. *copy is
 * malloc'd, the caller's. */
static bool
copy_item(const pam_handle_t *pamh, int type, char **copy)
{
	const char *value = item(pamh, type);

	*copy = strndup(value ? value : "", PROTOCOL_NAME_MAX);
	return *copy != NULL;
}

/* The daemon does not answer. Whether the user may pass without it, the names in the who file
 * tell, which it keeps for this. */
static int
decide_alone(const struct call *call, const struct identity *identity, const char *reason)
{
	const char *const *groups = (const char *const *)identity->groups;
	struct who_answer answer;
	struct why why, whole;
	struct who *who;
	int result;

	result = who_read(NETFENCE_WHO_FILE, &who, &why);
	if (result == -ENOMEM)
		return no_memory(call);
	if (result < 0) {
		why_set(&whole, 0, "%s; and who is fenced is not known: %s", reason, why.text);
		return refuse(call, whole.text);
	}
	answer = who_match(who, identity->name, identity->uid, groups, identity->n_groups);
	who_free(who);
	if (answer.fenced)
		return refuse(call, reason);
	pam_syslog(call->pamh, LOG_WARNING,
	    "%s is let in, whom the last good rules do not fence: %s", call->user, reason);
	return PAM_IGNORE;
}

/* Where there is no memory for it, nothing: the fence stands, and that is what counts. */
static void
tell(const struct call *call, const char *message)
{
	cleanup_free char *clean = NULL;

	if (call->silent || !message[0])
		return;
	clean = message_clean(message);
	if (clean)
		pam_info(call->pamh, "%s", clean);
}

/* What netfenced said, as a PAM code. */
static int
obey(const struct call *call, struct sessions *sessions, struct session **fresh,
    const struct ask_answer *answer)
{
	switch (answer->verdict) {
	case ASK_FENCED:
		(*fresh)->name = answer->fenced.session;
		debug(call, "%s is fenced by %s, session %llu", call->user, answer->fenced.policy,
		    (unsigned long long)answer->fenced.session.id);
		sessions_push(sessions, steal_pointer(fresh));
		tell(call, answer->fenced.message);
		return PAM_SUCCESS;
	case ASK_FREE:
		debug(call, "%s is not fenced: %s", call->user, answer->reason);
		if (answer->session.id) {
			(*fresh)->name = answer->session;
			(*fresh)->is_free = true;
			sessions_push(sessions, steal_pointer(fresh));
		}
		return PAM_IGNORE;
	case ASK_REFUSED:
		break;
	}
	return refuse(call, answer->reason);
}

/* Asks, with everything that is known of the login, and remembers the session. */
static int
ask(struct call *call, const struct identity *identity)
{
	struct open_request request = {
		.uid = identity->uid,
		.gid = identity->gid,
		.user = identity->name,
		.n_groups = identity->n_groups,
		.groups = identity->groups,
	};
	cleanup_free char *service = NULL, *tty = NULL, *from = NULL, *by = NULL;
	struct sessions *sessions;
	struct session *fresh;
	struct ask_answer answer;
	struct subuids subuids;
	struct why flaw = { "" }, why = { "" };
	int result;

	if (!copy_item(call->pamh, PAM_SERVICE, &service) ||
	    !copy_item(call->pamh, PAM_TTY, &tty) || !copy_item(call->pamh, PAM_RHOST, &from) ||
	    !copy_item(call->pamh, PAM_RUSER, &by) ||
	    find_ranges(call, identity, &subuids, &flaw) < 0)
		return no_memory(call);
	request.service = service;
	request.tty = tty;
	request.from = from;
	request.by = by;
	request.flaw = flaw.text;
	request.n_ranges = subuids.n;
	request.ranges = subuids.ranges;
	if (flaw.text[0])
		debug(call, "%s could not be fenced: %s", call->user, flaw.text);

	/* All that could fail is done before there is a session. */
	if (sessions_make(call->pamh, &sessions, &why) < 0)
		return no_memory(call);
	fresh = session_new(call->user, identity->uid);
	if (!fresh)
		return no_memory(call);
	debug(call, "asking %s for %s: uid %u, %u groups, %u ranges", call->options.socket,
	    call->user, identity->uid, identity->n_groups, subuids.n);
	result = ask_open(call->options.socket, &request, call->deadline_ms, &answer, &why);
	if (result == 0) {
		result = obey(call, sessions, &fresh, &answer);
		ask_answer_clear(&answer);
	} else if (result == -ENOMEM) {
		result = no_memory(call);
	} else if (result == -E2BIG) {
		result = refuse(call, why.text);
	} else {
		result = decide_alone(call, identity, why.text);
	}
	session_free(fresh);
	return result;
}

/* A user who is found, and not root. */
static int
open_for(struct call *call, struct identity *identity)
{
	struct session *session;
	struct why why = { "" };
	int result;

	session = sessions_find_uid(sessions_of(call->pamh), identity->uid);
	if (session) {
		session->depth++;
		debug(call, "%s has session %llu on this handle, now %u deep", call->user,
		    (unsigned long long)session->name.id, session->depth);
		return session->is_free ? PAM_IGNORE : PAM_SUCCESS;
	}
	result = find_groups(call, identity, &why);
	if (result == -ENOMEM)
		return no_memory(call);
	if (result < 0)
		return refuse(call, why.text);
	if (is_admin(call, identity))
		return PAM_IGNORE;
	return ask(call, identity);
}

int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct identity identity;
	struct why why = { "" };
	struct call call;
	int result;

	if (!call_begin(&call, pamh, flags, argc, argv))
		return PAM_SERVICE_ERR;
	if (!call.user || !call.user[0])
		return unknown_user(&call);
	result = find_identity(&call, &identity, &why);
	if (result == -ENOMEM)
		return no_memory(&call);
	if (result == -ESRCH)
		return unknown_user(&call);
	if (result < 0)
		return refuse(&call, why.text);
	if (identity.uid == 0)
		result = PAM_IGNORE;
	else
		result = open_for(&call, &identity);
	identity_clear(&identity);
	return result;
}

/* The session to close, or NULL: by its name first, so that a login whose directory went away
 * ends all the same. */
static struct session *
find_session(struct call *call, const struct sessions *sessions)
{
	struct session *session = sessions_find_user(sessions, call->user);
	struct identity identity;
	struct why why;

	if (session)
		return session;
	if (find_identity(call, &identity, &why) < 0)
		return NULL;
	session = sessions_find_uid(sessions, identity.uid);
	identity_clear(&identity);
	return session;
}

int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct sessions *sessions = sessions_of(pamh);
	struct session *session;
	struct why why = { "" };
	struct call call;
	int result;

	if (!call_begin(&call, pamh, flags, argc, argv))
		return PAM_IGNORE;
	if (!sessions || !call.user)
		return PAM_IGNORE;
	session = find_session(&call, sessions);
	if (!session)
		return PAM_IGNORE;
	if (--session->depth > 0) {
		debug(&call, "%s has session %llu, still %u deep", call.user,
		    (unsigned long long)session->name.id, session->depth);
		return session->is_free ? PAM_IGNORE : PAM_SUCCESS;
	}
	sessions_remove(sessions, session);
	result = session->is_free ? PAM_IGNORE : PAM_SUCCESS;
	/* Whom nothing fences does not wait long for a netfenced that is away. */
	if (session->is_free && call.deadline_ms > wire_clock_ms() + FREE_CLOSE_MS)
		call.deadline_ms = wire_clock_ms() + FREE_CLOSE_MS;
	/* netfenced watches the opener: a session that is not closed ends with it. */
	if (ask_close(call.options.socket, &session->name, call.deadline_ms, &why) < 0)
		pam_syslog(pamh, result == PAM_IGNORE ? LOG_DEBUG : LOG_WARNING,
		    "session %llu of %s could not be closed: %s",
		    (unsigned long long)session->name.id, call.user, why.text);
	else
		debug(&call, "session %llu of %s is closed", (unsigned long long)session->name.id,
		    call.user);
	session_free(session);
	return result;
}
