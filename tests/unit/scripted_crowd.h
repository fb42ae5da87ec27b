/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many people who log in and out of scripted.h's main at random, some of them at the same time, and
 * engines that do, or do not, what they are asked.
 */
#ifndef TESTS_SCRIPTED_CROWD_H
#define TESTS_SCRIPTED_CROWD_H

#include <time.h>

#include "scripted_caller.h"

#include "kept.h"

#define SUPPORTERS                                \
	"version: 1\n"                            \
	"groups:\n"                               \
	"  narrow: {egress: [], precedence: 5}\n" \
	"  supporters:\n"                         \
	"    egress: [{allow: udp/162, to: any}]\n"
#define OPERATORS                                   \
	"  operators:\n"                            \
	"    egress: [{allow: udp/123, to: any}]\n" \
	"    on-logout: close\n"
#define VISITORS "  visitors: {egress: [{allow: udp/53, to: any}], mode: observe}\n"

/* Others become the first of the list, too: what stood for a policy stands for another one. */
static const char *const rules[] = { SUPPORTERS OPERATORS,
	SUPPORTERS OPERATORS "  aliens: {egress: []}\n" VISITORS, SUPPORTERS VISITORS };

enum { PEOPLE = 24, GUEST = 25, ALL, FIRST = 5000, VISITS = 2, RULES = 3 };

struct visit {
	struct session_name name;
	pid_t opener; /* who opened the session, or 0 where that is us */
};

/*
 * n           sessions
 * promoted    a member of another group by now
 * widened     has subordinate uids by now: for sure, and not only as far as we have tried
 * tried
 */
struct person {
	struct visit visits[VISITS];
	uint32_t n;
	bool promoted, widened, tried;
};

struct crowd {
	struct scripted *s;
	struct asked held[FAMILIES]; /* what the kernel would have now */
	struct person people[ALL];   /* the guest comes only to go */
	uint32_t rules;              /* which of them */
	uint32_t grant;              /* the last one's number, or 0 */
	uint32_t drifts;             /* since main began; the sixth would be a contest */
	bool fail;                   /* the next commit, in one family */
	bool hold;                   /* commits are left unanswered */
};

/* SEED= in the environment begins again where a failure began. */
static unsigned int chance;

static inline uint32_t
roll(uint32_t sides)
{
	return (uint32_t)rand_r(&chance) % sides;
}

/* ------------------------------------------------------------------- beside main */

/* What it wants to be kept is: it looks whether it is. */
static inline void
serve_channel(struct crowd *crowd)
{
	struct channel_message message;
	struct why why;
	int fd;

	while (channel_receive(crowd->s->channel, &message, &fd) == 1) {
		if (message.word == CHANNEL_KEEP &&
		    kept_store(crowd->s->state_fd, (enum kept)message.number, fd, getegid(), &why) <
			0)
			fail_msg("%s", why.text);
		if (message.word == CHANNEL_FORGET)
			kept_unlink(crowd->s->state_fd, (enum kept)message.number, NULL);
		if (fd >= 0)
			close(fd);
	}
}

/* Answers what an engine has been asked, if it has been. False where that is to wait. */
static inline bool
serve_engine(struct crowd *crowd, enum family family)
{
	struct asked asked = { 0 };

	if (!engine_minds(crowd->s, family))
		return true;
	if (crowd->hold)
		return false;
	engine_hears(crowd->s, family, &asked);
	assert_int_equal(asked.operation, ENGINE_APPLY);
	if (crowd->fail && family == FAMILY_IPV6) {
		crowd->fail = false;
		engine_says(crowd->s, family, EINVAL, "not this time");
		asked_clear(&asked);
		return true;
	}
	asked_clear(&crowd->held[family]);
	crowd->held[family] = asked;
	engine_says(crowd->s, family, 0, "");
	return true;
}

/* Until there is something to be read; or, where they are held, a commit is under way: false. */
static inline bool
serve(struct crowd *crowd, int fd)
{
	enum { CHANNEL = FAMILIES, CALLER, POLLERS };
	struct pollfd pollers[POLLERS] = { [CHANNEL] = { .fd = crowd->s->channel,
					       .events = POLLIN },
		[CALLER] = { .fd = fd, .events = POLLIN } };
	int64_t until = DEADLINE;
	int family;
	bool held = false;

	for (family = 0; family < FAMILIES; family++)
		pollers[family] =
		    (struct pollfd){ .fd = crowd->s->engines[family], .events = POLLIN };
	while (!pollers[CALLER].revents && !held) {
		int64_t left = until - wire_clock_ms();

		if (left <= 0 || poll(pollers, POLLERS, (int)left) < 1)
			fail_msg("nothing came");
		if (pollers[CHANNEL].revents)
			serve_channel(crowd);
		for (family = 0; family < FAMILIES; family++)
			if (pollers[family].revents)
				held |= !serve_engine(crowd, (enum family)family);
	}
	return !held;
}

static inline void
serve_a_request(struct crowd *crowd)
{
	int fd = caller(crowd->s);

	say(fd, PROTOCOL_STATUS, NULL);
	serve(crowd, fd);
	assert_int_equal(answer(crowd->s, fd, NULL), PROTOCOL_TEXT);
	close(fd);
}

/* ------------------------------------------------------------------- people */

static inline char *
group_of(uint32_t i)
{
	static char supporters[] = "supporters", operators[] = "operators", visitors[] = "visitors";

	return i % 4 == 0 ? operators : i % 4 == 3 ? visitors : supporters;
}

static inline bool
is_fenced_by_rules(const struct crowd *crowd, uint32_t i)
{
	const struct person *person = &crowd->people[i];

	return person->promoted || strstr(rules[crowd->rules], group_of(i));
}

/* A caller, or one in a process of its own, which is the opener then. */
static inline int
opener(struct crowd *crowd, struct visit *visit)
{
	struct channel_message message;
	struct pollfd poller = { .events = POLLIN };
	int pair[2], fd = -1;

	if (roll(3)) {
		visit->opener = 0;
		return caller(crowd->s);
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	visit->opener = fork();
	assert_true(visit->opener >= 0);
	if (!visit->opener) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (dup2(pair[1], STDIN_FILENO) < 0 || close_range(3, ~0U, 0) < 0 ||
		    wire_connect(crowd->s->socket, DEADLINE, &fd, NULL) < 0 ||
		    channel_send(STDIN_FILENO, CHANNEL_READY, 0, fd) < 0)
			_exit(1);
		close(fd);
		for (;;)
			pause();
	}
	close(pair[1]);
	poller.fd = pair[0];
	assert_int_equal(poll(&poller, 1, 8000), 1);
	assert_int_equal(channel_receive(pair[0], &message, &fd), 1);
	close(pair[0]);
	assert_true(fd >= 0);
	return fd;
}

static inline void
end_opener(struct visit *visit)
{
	if (!visit->opener)
		return;
	assert_int_equal(kill(visit->opener, SIGKILL), 0);
	assert_int_equal(waitpid(visit->opener, NULL, 0), visit->opener);
	visit->opener = 0;
}

/* Whoever comes has what they had before, and sometimes more. */
static inline void
ask(struct crowd *crowd, uint32_t i, int fd)
{
	struct person *person = &crowd->people[i];
	char *groups[] = { group_of(i), (char[]){ "narrow" } };
	char name[16];

	person->promoted |= i % 4 == 1 && !roll(3);
	person->tried |= i % 2 && roll(2);
	snprintf(name, sizeof(name), "user%u", (unsigned int)i);
	say_open_as(fd, name, FIRST + i, person->tried ? SUBUIDS + i * 65536 : 0, 20000, groups,
	    1 + person->promoted);
}

static inline void
is_answered(struct crowd *crowd, uint32_t i, int fd, struct visit *visit)
{
	struct person *person = &crowd->people[i];
	struct protocol_header header;
	struct free_answer free_answer;
	uint8_t *payload;
	struct wire_in in;

	serve(crowd, fd);
	assert_int_equal(recv(fd, &header, sizeof(header), MSG_PEEK), sizeof(header));
	/* Where a commit failed that was for nobody else. */
	if (header.operation == PROTOCOL_REFUSED) {
		is_refused(crowd->s, fd, "not this time");
		end_opener(visit);
		return;
	}
	assert_int_equal(
	    header.operation, is_fenced_by_rules(crowd, i) ? PROTOCOL_FENCED : PROTOCOL_FREE);
	if (header.operation == PROTOCOL_FENCED) {
		visit->name = is_fenced(crowd->s, fd);
		person->widened = person->tried;
	} else {
		assert_int_equal(wire_receive(fd, &header, &payload, DEADLINE, NULL), 0);
		in = (struct wire_in){ .data = payload, .left = header.length };
		assert_true(free_answer_get(&in, &free_answer));
		visit->name = free_answer.session;
		assert_int_not_equal(visit->name.id, 0);
		free_answer_clear(&free_answer);
		free(payload);
		say(fd, PROTOCOL_TAKEN, NULL);
	}
	close(fd);
	person->visits[person->n++] = *visit;
}

static inline void
come(struct crowd *crowd, uint32_t i)
{
	struct visit visit;
	int fd = opener(crowd, &visit);

	ask(crowd, i, fd);
	is_answered(crowd, i, fd, &visit);
}

static inline void
go(struct crowd *crowd, uint32_t i)
{
	struct person *person = &crowd->people[i];
	const uint32_t which = roll(person->n);
	struct visit visit = person->visits[which];
	struct wire_out out = { 0 };
	int fd;

	person->visits[which] = person->visits[--person->n];
	if (visit.opener && roll(2)) {
		end_opener(&visit);
		return;
	}
	fd = caller(crowd->s);
	session_name_put(&out, &visit.name);
	say(fd, PROTOCOL_CLOSE, &out);
	wire_out_free(&out);
	serve(crowd, fd);
	assert_int_equal(answer(crowd->s, fd, NULL), PROTOCOL_DONE);
	close(fd);
	end_opener(&visit);
}

static inline void
come_or_go(struct crowd *crowd)
{
	uint32_t i = roll(PEOPLE);

	if (crowd->people[i].n < VISITS && roll(crowd->people[i].n + 1) == 0)
		come(crowd, i);
	else
		go(crowd, i);
}

/* One comes, or gives up, or an engine ends, while the commit for another is under way. */
static inline void
meet(struct crowd *crowd)
{
	const uint32_t one = roll(PEOPLE), other = roll(PEOPLE);
	struct visit first, second;
	int fd, second_fd;

	if (one == other || crowd->people[one].n == VISITS || crowd->people[other].n == VISITS)
		return;
	fd = opener(crowd, &first);
	ask(crowd, one, fd);
	crowd->hold = true;
	serve(crowd, fd);
	second_fd = opener(crowd, &second);
	ask(crowd, other, second_fd);
	main_serves(crowd->s);
	switch (roll(4)) {
	case 0:
		close(fd);
		end_opener(&first);
		fd = -1;
		break;
	case 1:
		close(second_fd);
		end_opener(&second);
		second_fd = -1;
		break;
	case 2:
		engine_die(crowd->s, FAMILY_IPV6);
		engine_start(crowd->s, FAMILY_IPV6);
		engine_says(crowd->s, FAMILY_IPV6, 0, "");
		break;
	case 3:
		break;
	}
	main_serves(crowd->s);
	crowd->hold = false;
	if (fd >= 0)
		is_answered(crowd, one, fd, &first);
	if (second_fd >= 0)
		is_answered(crowd, other, second_fd, &second);
}

#endif
