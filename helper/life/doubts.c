/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kept.h"
#include "life/inside.h"
#include "log.h"
#include "wire/client.h"

/* How long a login waits for the name service to say that a group is really lost, at most, and at
 * most half of its patience: past that, the module would decide without us, by the same groups that
 * we do not believe. How often we try to ask while another question is under way; milliseconds. */
#define WAIT_MS  2000
#define AGAIN_MS 20

/* How soon what was learnt is written down; milliseconds. Until then the record of the session has
 * it, which is lost with a boot only. */
#define KEEP_MS 1000

/* A login of somebody who has fewer groups than are known. */
struct doubt {
	struct doubt *next;
	struct connection *connection;
	struct open_request request;
	int64_t until_ms;
	bool asked;
	uint32_t question; /* which of those */
};

/* ------------------------------------------------------------------------ what is known */

static bool
rules_name(const struct life *life, const char *group)
{
	const struct who *who = &life->rules->set->who;
	uint32_t i;

	for (i = 0; i < who->n_groups; i++)
		if (!strcmp(who->groups[i].name, group))
			return true;
	for (i = 0; i < who->n_exempt_groups; i++)
		if (!strcmp(who->exempt_groups[i], group))
			return true;
	return false;
}

static bool
is_among(const char *group, char *const *groups, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(groups[i], group))
			return true;
	return false;
}

void
doubts_learn(struct life *life, const char *user, char *const *groups, uint32_t n)
{
	uint32_t i;
	int result;

	for (i = 0; i < n; i++) {
		if (!rules_name(life, groups[i]))
			continue;
		result = known_learn(life->known, user, groups[i]);
		if (result == 1)
			alarm_in(&life->keep, KEEP_MS);
		if (result < 0)
			log_line(LOG_ERR, "that %s is in %s cannot be kept: %s", user, groups[i],
			    result == -ENOSPC ? "too many are known" : "no memory");
	}
}

/* From behind: what is forgotten gives its place to the last, and the last one takes all. */
static void
forget_lost(
    struct life *life, const struct known_user *user, char *const *groups, uint32_t n_groups)
{
	uint32_t i;

	for (i = user->n_groups; i-- > 0;) {
		if (is_among(user->groups[i], groups, n_groups))
			continue;
		alarm_in(&life->keep, KEEP_MS);
		if (user->n_groups == 1) {
			known_forget(life->known, user->name, user->groups[i]);
			return;
		}
		known_forget(life->known, user->name, user->groups[i]);
	}
}

void
doubts_forget(struct life *life, const struct user *user, const struct open_request *now)
{
	uint32_t i;

	for (i = 0; i < user->n_groups; i++)
		if (!is_among(user->groups[i], now->groups, now->n_groups) &&
		    known_forget(life->known, user->name, user->groups[i]))
			alarm_in(&life->keep, KEEP_MS);
}

void
doubts_on_keep(int fd, short what, void *data)
{
	const struct life *life = data;
	struct wire_out out = { 0 };
	struct why why = { "no memory to keep the groups" };

	(void)fd;
	(void)what;
	known_put(&out, life->known);
	if (out.failed ||
	    kept_write(life->setup.channel, KEPT_GROUPS, out.data, out.used, &why) < 0)
		log_line(LOG_ERR, "%s", why.text);
	wire_out_free(&out);
}

void
doubts_begin(struct life *life)
{
	cleanup_free char *bytes = NULL;
	struct why why = { "" };
	struct wire_in in = { 0 };
	int result = kept_read(life->setup.state, KEPT_GROUPS, &bytes, &in.left, &why);

	if (result == -ENOENT)
		return;
	in.data = (const uint8_t *)bytes;
	if (result < 0 || !known_get(&in, life->known))
		log_line(LOG_ALERT,
		    "which groups users are in was kept, and cannot be read again: %s; a directory "
		    "that does not answer will not be noticed before their next login",
		    result < 0 ? why.text : "damaged");
}

/* -------------------------------------------------------------------------- whom we do not believe
 */

/* Adds to the request what is known and not in it. */
static int
add_known(const struct life *life, struct open_request *request)
{
	const struct known_user *user = known_find(life->known, request->user);
	char **grown;
	uint32_t i;

	for (i = 0; user && i < user->n_groups; i++) {
		if (is_among(user->groups[i], request->groups, request->n_groups))
			continue;
		grown = reallocarray(request->groups, request->n_groups + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		request->groups = grown;
		grown[request->n_groups] = strdup(user->groups[i]);
		if (!grown[request->n_groups])
			return -ENOMEM;
		request->n_groups++;
	}
	return 0;
}

static uint32_t
policy_with(const struct life *life, const struct open_request *request, const char *const *groups,
    uint32_t n)
{
	return who_match(&life->rules->set->who, request->user, request->uid, groups, n).policy;
}

/* Would it matter? */
static bool
is_doubtful(const struct life *life, const struct open_request *request)
{
	const struct known_user *user = known_find(life->known, request->user);
	cleanup_free const char **all = NULL;
	uint32_t i, n = request->n_groups, missing = 0;

	for (i = 0; user && i < user->n_groups; i++)
		missing += !is_among(user->groups[i], request->groups, request->n_groups) &&
			   rules_name(life, user->groups[i]);
	if (!missing)
		return false;
	all = calloc((size_t)n + user->n_groups, sizeof(*all));
	if (!all)
		return true;
	memcpy(all, request->groups, n * sizeof(*all));
	memcpy(all + n, user->groups, user->n_groups * sizeof(*all));
	return policy_with(life, request, all, n + user->n_groups) !=
	       policy_with(life, request, all, n);
}

static void
ask(struct life *life)
{
	struct resolver_question *questions;
	struct doubt *doubt;
	uint32_t n = 0;

	for (doubt = life->doubts; doubt; doubt = doubt->next) {
		if (doubt->asked)
			return; /* one question at a time: with the answer we come back */
		n++;
	}
	questions = calloc((size_t)n + 1, sizeof(*questions));
	n = 0;
	for (doubt = life->doubts; questions && doubt; doubt = doubt->next) {
		const struct known_user *user = known_find(life->known, doubt->request.user);

		doubt->question = n;
		questions[n].name = doubt->request.user;
		questions[n].groups = user ? user->groups : NULL;
		questions[n++].n_groups = user ? user->n_groups : 0;
	}
	if (n && questions && life->setup.ask(questions, n, life->setup.ask_data))
		for (doubt = life->doubts; doubt; doubt = doubt->next)
			doubt->asked = true;
	else if (n)
		alarm_in(&life->doubt, AGAIN_MS);
	free(questions);
}

static void
settle(struct life *life, struct doubt *doubt)
{
	struct doubt **link = &life->doubts;

	while (*link != doubt)
		link = &(*link)->next;
	*link = doubt->next;
	if (doubt->connection)
		life_decide(life, doubt->connection, &doubt->request);
	open_request_clear(&doubt->request);
	free(doubt);
}

/* What was last known stands. */
static void
settle_by_known(struct life *life, struct doubt *doubt)
{
	log_line(LOG_WARNING,
	    "%s seems to have lost groups, and the name service does not say: what was last known "
	    "stands",
	    doubt->request.user);
	if (add_known(life, &doubt->request) < 0 && doubt->connection) {
		tell_request_refused(
		    life, doubt->connection, &doubt->request, LIFE_OTHER, "no memory");
		doubt->connection = NULL;
	}
	settle(life, doubt);
}

bool
doubts_raise(struct life *life, struct connection *connection, struct open_request *request)
{
	int64_t wait_ms = request->patience_ms / 2;
	struct doubt *doubt;

	if (!life->rules || !life->setup.ask || !is_doubtful(life, request))
		return false;
	doubt = calloc(1, sizeof(*doubt));
	if (!doubt) {
		tell_request_refused(life, connection, request, LIFE_OTHER, "no memory");
		return true;
	}
	doubt->connection = connection;
	doubt->request = *request;
	memset(request, 0, sizeof(*request));
	if (wait_ms > WAIT_MS)
		wait_ms = WAIT_MS;
	doubt->until_ms = wire_clock_ms() + wait_ms;
	doubt->next = life->doubts;
	life->doubts = doubt;
	alarm_in(&life->doubt, wait_ms);
	ask(life);
	return true;
}

void
doubts_hung_up(struct life *life, const struct connection *connection)
{
	struct doubt *doubt;

	for (doubt = life->doubts; doubt; doubt = doubt->next)
		if (doubt->connection == connection)
			doubt->connection = NULL;
}

/* The name service has said who the user is; what it does not know of, the resolver has kept. */
static void
settle_by_answer(struct life *life, struct doubt *doubt, struct open_request *answer)
{
	const struct known_user *user = known_find(life->known, doubt->request.user);
	char **groups = doubt->request.groups;
	uint32_t n_groups = doubt->request.n_groups;

	if (user)
		forget_lost(life, user, answer->groups, answer->n_groups);
	doubt->request.groups = answer->groups;
	doubt->request.n_groups = answer->n_groups;
	answer->groups = groups;
	answer->n_groups = n_groups;
	settle(life, doubt);
}

void
life_answered(struct life *life, struct resolved *list, uint32_t n)
{
	struct doubt *doubt, *next;

	for (doubt = life->doubts; doubt; doubt = next) {
		next = doubt->next;
		if (!doubt->asked)
			continue;
		if (doubt->question < n && list[doubt->question].result == RESOLVER_FOUND &&
		    list[doubt->question].request.uid == doubt->request.uid)
			settle_by_answer(life, doubt, &list[doubt->question].request);
		else
			settle_by_known(life, doubt);
	}
	ask(life);
}

void
doubts_on_time(int fd, short what, void *data)
{
	struct life *life = data;
	struct doubt *doubt, *next;
	int64_t now_ms = wire_clock_ms();

	(void)fd;
	(void)what;
	for (doubt = life->doubts; doubt; doubt = next) {
		next = doubt->next;
		if (doubt->until_ms <= now_ms)
			settle_by_known(life, doubt);
	}
	for (doubt = life->doubts; doubt; doubt = doubt->next)
		alarm_in(&life->doubt, doubt->until_ms - now_ms);
	ask(life);
}

void
doubts_free(struct life *life)
{
	struct doubt *doubt;

	while ((doubt = life->doubts)) {
		life->doubts = doubt->next;
		open_request_clear(&doubt->request);
		free(doubt);
	}
}
