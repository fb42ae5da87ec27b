/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "denials/inside.h"
#include "log.h"
#include "verdict/words.h"

/* A line for the first packet, and then at most one in so many seconds for the same thing. */
#define AGAIN_SECONDS 60

/* Lines of different things, of one user in a minute. */
#define LINES_MAX 30

/* How often it is looked whether there is something left to say; seconds. */
#define LOOK_SECONDS 5

/* A user who has had lines in the minute that began then. */
struct talk {
	struct talk *next;
	uint32_t uid;
	time_t minute;
	unsigned int lines;
	uint64_t left_out; /* packets */
	char *user;
};

struct lines {
	struct ring *ring;
	const struct life *life;
	struct event *look;
	struct talk *talks;
};

static bool
is_over(time_t since, time_t now)
{
	return now < since || now >= since + AGAIN_SECONDS;
}

static void
look_soon(struct lines *lines)
{
	static const struct timeval delay = { LOOK_SECONDS, 0 };

	if (!evtimer_pending(lines->look, NULL))
		evtimer_add(lines->look, &delay);
}

static struct talk *
find_talk(struct lines *lines, const struct denial *denial, time_t now)
{
	struct talk *talk;

	for (talk = lines->talks; talk; talk = talk->next)
		if (talk->uid == denial->uid)
			return talk;
	talk = calloc(1, sizeof(*talk));
	if (!talk)
		return NULL;
	talk->uid = denial->uid;
	talk->user = strdup(denial->user);
	talk->minute = now;
	talk->next = lines->talks;
	lines->talks = talk;
	return talk;
}

struct fields {
	struct log_field list[10];
	unsigned int n;
};

static void
put_text(struct fields *fields, const char *key, const char *text)
{
	fields->list[fields->n++] = (struct log_field){ .key = key, .text = text };
}

static void
put_number(struct fields *fields, const char *key, uint64_t number)
{
	fields->list[fields->n++] = (struct log_field){ .key = key, .number = number };
}

static void
put_target(struct fields *fields, const struct denial *denial, char *protocol, size_t size,
    char address[INET6_ADDRSTRLEN])
{
	char name[WORDS_PROTOCOL_SIZE];

	words_protocol(denial->protocol, name);
	if (denial->icmp_type >= 0)
		snprintf(protocol, size, "%s/%d", name, denial->icmp_type);
	else
		snprintf(protocol, size, "%s", name);
	inet_ntop(denial->family == FAMILY_IPV4 ? AF_INET : AF_INET6, denial->to, address,
	    INET6_ADDRSTRLEN);
	put_text(fields, "proto", protocol);
	put_text(fields, "dst", address);
	if (denial->port)
		put_number(fields, "dport", denial->port);
}

/* A denial is a user's: which session it was can be told where there is one only. */
static void
say(const struct lines *lines, struct denial *denial, time_t now)
{
	const struct user *user = table_find_user(life_table(lines->life), denial->uid);
	char protocol[32], address[INET6_ADDRSTRLEN], rule[1024] = "", more[64] = "";
	struct fields fields = { .n = 0 };

	put_text(&fields, "user", denial->user);
	put_number(&fields, "uid", denial->uid);
	if (user && user->n_sessions == 1)
		put_number(&fields, "session", user->sessions->name.id);
	put_text(&fields, "policy", denial->policy);
	put_target(&fields, denial, protocol, sizeof(protocol), address);
	if (denial->file[0])
		snprintf(rule, sizeof(rule), "%s:%" PRIu32, denial->file, denial->line);
	put_text(&fields, "rule", rule);
	put_number(&fields, "count", denial->unsaid);
	if (denial->said)
		snprintf(more, sizeof(more), "%" PRIu32 " more in %lld s", denial->unsaid,
		    (long long)(now > denial->said ? now - denial->said : 0));
	put_text(&fields, "reason", more);
	log_fields(LOG_NOTICE, mark_verdict(denial->verdict), fields.list, fields.n);
	denial->said = now;
	denial->unsaid = 0;
}

static void
say_or_leave_out(struct lines *lines, struct denial *denial, time_t now)
{
	struct talk *talk = find_talk(lines, denial, now);

	if (!talk)
		return;
	if (talk->lines < LINES_MAX) {
		talk->lines++;
		say(lines, denial, now);
		return;
	}
	talk->left_out += denial->unsaid;
	denial->said = now;
	denial->unsaid = 0;
}

void
lines_met(struct lines *lines, struct denial *denial, time_t now)
{
	if (!denial->said || is_over(denial->said, now))
		say_or_leave_out(lines, denial, now);
	look_soon(lines);
}

struct rest {
	struct lines *lines;
	time_t now;
	bool more;
};

static bool
say_rest(struct denial *denial, void *data)
{
	struct rest *rest = data;

	if (is_over(denial->said, rest->now))
		say_or_leave_out(rest->lines, denial, rest->now);
	else
		rest->more = true;
	return true;
}

static void
end_talk(struct talk **where)
{
	struct talk *talk = *where;
	struct fields fields = { .n = 0 };
	char text[128];

	if (talk->left_out) {
		snprintf(text, sizeof(text),
		    "more than %d lines in a minute: netfencectl denials has the others",
		    LINES_MAX);
		put_text(&fields, "user", talk->user ? talk->user : "");
		put_number(&fields, "uid", talk->uid);
		put_number(&fields, "count", talk->left_out);
		put_text(&fields, "reason", text);
		log_fields(LOG_NOTICE, "denied", fields.list, fields.n);
	}
	*where = talk->next;
	free(talk->user);
	free(talk);
}

static void
on_look(int fd, short what, void *data)
{
	struct lines *lines = data;
	struct rest rest = { .lines = lines, .now = time(NULL) };
	struct talk **talk;

	(void)fd;
	(void)what;
	for (talk = &lines->talks; *talk;) {
		if (is_over((*talk)->minute, rest.now))
			end_talk(talk);
		else
			talk = &(*talk)->next;
	}
	ring_each_unsaid(lines->ring, say_rest, &rest);
	if (rest.more || lines->talks)
		look_soon(lines);
}

struct lines *
lines_new(struct event_base *base, struct ring *ring, const struct life *life)
{
	struct lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return NULL;
	lines->ring = ring;
	lines->life = life;
	lines->look = evtimer_new(base, on_look, lines);
	if (!lines->look) {
		free(lines);
		return NULL;
	}
	/* What the former netfenced had no time to say. */
	look_soon(lines);
	return lines;
}

void
lines_free(struct lines *lines)
{
	if (!lines)
		return;
	while (lines->talks)
		end_talk(&lines->talks);
	event_free(lines->look);
	free(lines);
}
