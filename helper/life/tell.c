/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "life/inside.h"
#include "log.h"

const char *
tell_policy_name(const struct life *life, const struct user *user)
{
	const struct policy *policy = stay_policy(life, user);

	return policy ? policy->name : "";
}

void
tell_refused(struct life *life, struct connection *connection, const struct user *user,
    const struct session *session, enum life_refusal refusal, const char *reason)
{
	life->refused[refusal]++;
	log_event(LOG_WARNING, "refused", LOG_TEXT("user", user->name),
	    LOG_NUMBER("uid", user->uid), LOG_TEXT("service", session->service),
	    LOG_TEXT("from", session->from), LOG_TEXT("tty", session->tty),
	    LOG_TEXT("reason", reason));
	if (!connection)
		return;
	connection_set_session(connection, NULL);
	connection_answer_text(connection, PROTOCOL_REFUSED, reason);
}

void
tell_request_refused(struct life *life, struct connection *connection,
    const struct open_request *request, enum life_refusal refusal, const char *reason)
{
	const struct user user = { .uid = request->uid, .name = request->user };
	const struct session session = {
		.service = request->service,
		.from = request->from,
		.tty = request->tty,
	};

	tell_refused(life, connection, &user, &session, refusal, reason);
}

/* What the user reads at login where the policy has no words of its own. Nothing where nothing is
 * limited; nor in the sessions of su and sudo, in which nobody logs in, and whose output may be
 * read by a program: there PAM_RUSER tells who is becoming somebody else. */
static const char *
message_of(const struct life *life, const struct session *session)
{
	const struct policy *policy = stay_policy(life, session->user);

	if (policy->message)
		return policy->message;
	if (policy->mode == POLICY_OBSERVE || session->by[0])
		return "";
	return life->rules->set->settings.self_service
		   ? "Network access is limited on this host; netfencectl why tells more."
		   : "Network access is limited on this host.";
}

void
tell_fenced(const struct life *life, struct session *session)
{
	const struct policy *policy = life->rules->policies[session->user->policy];
	struct wire_out out = { 0 };

	wire_put_u64(&out, session->name.id);
	wire_put_u64(&out, session->name.key);
	wire_put_string(&out, policy->name);
	wire_put_string(&out, message_of(life, session));
	connection_answer(session->connection, PROTOCOL_FENCED, &out, false);
	wire_out_free(&out);
}

/* Without a name it is the last message; with one, TAKEN follows. */
static void
answer_free(struct connection *connection, const struct session_name *name, const char *reason)
{
	const struct free_answer answer = { *name, (char *)(uintptr_t)reason };
	struct wire_out out = { 0 };

	free_answer_put(&out, &answer);
	connection_answer(connection, PROTOCOL_FREE, &out, !name->id);
	wire_out_free(&out);
}

void
tell_free(const struct session *session, const char *reason)
{
	answer_free(session->connection, &session->name, reason);
}

void
tell_request_free(struct connection *connection, const char *reason)
{
	static const struct session_name nobodys = { 0, 0 };

	answer_free(connection, &nobodys, reason);
}

void
tell_off(const struct life *life, const struct open_request *request, uint32_t policy)
{
	log_event(LOG_NOTICE, "off", LOG_TEXT("user", request->user),
	    LOG_NUMBER("uid", request->uid),
	    LOG_TEXT("policy", policy == WHO_NO_POLICY ? "" : life->rules->policies[policy]->name),
	    LOG_TEXT("service", request->service), LOG_TEXT("from", request->from),
	    LOG_TEXT("tty", request->tty), LOG_TEXT("reason", "let in without a fence"));
}

void
tell_gone(const struct life *life, const struct user *user)
{
	log_event(LOG_INFO, "fence-end", LOG_TEXT("user", user->name), LOG_NUMBER("uid", user->uid),
	    LOG_TEXT("policy", tell_policy_name(life, user)),
	    LOG_TEXT("reason", "nothing is left of the user"));
}

static void
log_session(
    const struct life *life, const char *event, const struct session *session, const char *reason)
{
	const struct user *user = session->user;

	log_event(LOG_INFO, event, LOG_TEXT("user", user->name), LOG_NUMBER("uid", user->uid),
	    LOG_NUMBER("session", session->name.id),
	    LOG_TEXT("policy", tell_policy_name(life, user)), LOG_TEXT("service", session->service),
	    LOG_TEXT("from", session->from), LOG_TEXT("tty", session->tty),
	    LOG_TEXT("by", session->by), LOG_TEXT("reason", reason));
}

void
tell_begun(const struct life *life, struct session *session, const char *reason)
{
	if (session->user->is_free || session->told)
		return;
	session->told = true;
	log_session(life, "session-start", session, reason);
}

void
tell_ended(const struct life *life, const struct session *session, const char *reason)
{
	if (session->told)
		log_session(life, "session-end", session, reason);
}

void
tell_fenced_since(const struct life *life, struct user *user)
{
	struct session *session;

	user->untold = false;
	for (session = user->sessions; session; session = session->next)
		if (session->stage == SESSION_OPEN)
			tell_begun(life, session, "fenced from now on");
	/* A restart is to know. */
	stay_remember(life, user);
}
