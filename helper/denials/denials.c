/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "denials/denials.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "denials/inside.h"
#include "log.h"
#include "wire/client.h"

/* How soon a group that could not be had is asked for again; seconds. */
#define AGAIN_SECONDS 10

/* What is read before others have their turn, and in a second: whatever more the kernel tells, it
 * tells nobody. */
#define TURN_MAX   8
#define SECOND_MAX 2000

/* How long packets may be on their way from the kernel's rules to us; seconds. */
#define FORMER_SECONDS 5

static void
ask(struct denials *denials)
{
	denials->asked = true;
	channel_send(denials->setup.channel, CHANNEL_NEED_LOG, denials->group, -1);
}

static void
ask_again(struct denials *denials)
{
	static const struct timeval delay = { AGAIN_SECONDS, 0 };

	evtimer_add(denials->again, &delay);
}

static void
let_go(struct denials *denials)
{
	if (denials->readable)
		event_free(denials->readable);
	denials->readable = NULL;
	if (denials->sock >= 0)
		close(denials->sock);
	denials->sock = -1;
}

/* ---------------------------------------------------------------- what the kernel tells */

static void
on_packet(const struct nflog_packet *packet, void *data)
{
	struct denials *denials = data;
	time_t now = time(NULL);
	const struct user *user;
	struct denial seen, *denial;

	denials->read++;
	user = origin_find(denials, packet, &seen);
	if (!user)
		return;
	denial = ring_add(denials->ring, &seen, user->since, now);
	if (denial)
		lines_met(denials->lines, denial, now);
	denials->dirty = true;
}

/* True where the second's share has been read: the rest waits, and what has no room is lost. */
static bool
enough(struct denials *denials)
{
	static const struct timeval delay = { 0, 200000 };
	int64_t now_ms = wire_clock_ms();

	if (now_ms - denials->read_ms >= 1000) {
		denials->read_ms = now_ms;
		denials->read = 0;
	}
	if (denials->read < SECOND_MAX)
		return false;
	event_del(denials->readable);
	evtimer_add(denials->again, &delay);
	return true;
}

static void
on_readable(int fd, short what, void *data)
{
	struct denials *denials = data;
	int i, got = 0;

	(void)what;
	for (i = 0; i < TURN_MAX && !enough(denials); i++) {
		got = nflog_receive(fd, denials->buffer, on_packet, denials);
		if (got == -ENOBUFS) {
			if (!denials->lost++)
				log_line(LOG_WARNING,
				    "the kernel logged more packets than could be read: some are "
				    "not in netfencectl denials");
			continue;
		}
		if (got < 0)
			break;
	}
	if (denials->dirty)
		keep_soon(denials);
	if (got < 0 && got != -EAGAIN && got != -EINTR && got != -ENOBUFS) {
		why_errno(&denials->away, -got, "netlink's log");
		log_line(LOG_ERR, "%s", denials->away.text);
		let_go(denials);
		ask_again(denials);
	}
}

/* ---------------------------------------------------------------- the kernel's end */

static void
on_again(int fd, short what, void *data)
{
	struct denials *denials = data;

	(void)fd;
	(void)what;
	if (denials->readable)
		event_add(denials->readable, NULL);
	else
		ask(denials);
}

void
denials_set_socket(struct denials *denials, int sock, uint32_t error)
{
	struct why why = { "" };

	let_go(denials);
	if (sock >= 0) {
		denials->readable = event_new(
		    denials->setup.base, sock, EV_READ | EV_PERSIST, on_readable, denials);
		denials->sock = sock;
		if (!denials->readable || event_add(denials->readable, NULL) < 0)
			error = ENOMEM;
	}
	switch (error) {
	case 0:
		if (denials->away.text[0])
			log_line(LOG_NOTICE, "denials are told again, by group %u of netlink's log",
			    denials->group);
		denials->away.text[0] = '\0';
		return;
	case EBUSY:
		why_set(&why, EBUSY, "group %u of netlink's log belongs to another program",
		    denials->group);
		break;
	case EPROTONOSUPPORT:
		why_set(&why, EPROTONOSUPPORT, "this kernel has no netlink log (nfnetlink_log)");
		break;
	default:
		why_errno(&why, (int)error, "group %u of netlink's log", denials->group);
	}
	let_go(denials);
	/* It is asked for again and again; said once. */
	if (strcmp(denials->away.text, why.text))
		log_line(LOG_WARNING, "denials cannot be told: %s; the fences hold", why.text);
	denials->away = why;
	ask_again(denials);
}

static void
on_forget(int fd, short what, void *data)
{
	struct denials *denials = data;

	(void)fd;
	(void)what;
	rules_release(denials->former);
	denials->former = NULL;
}

void
denials_follow_rules(struct denials *denials)
{
	static const struct timeval delay = { FORMER_SECONDS, 0 };
	const struct rules *rules = life_rules(denials->setup.life);

	if (!rules || rules == denials->rules)
		return;
	rules_release(denials->former);
	denials->former = denials->rules;
	denials->rules = life_hold_rules(denials->setup.life);
	evtimer_add(denials->forget, &delay);
	if (denials->asked && denials->group == rules->set->settings.nflog_group)
		return;
	let_go(denials);
	evtimer_del(denials->again);
	denials->group = rules->set->settings.nflog_group;
	ask(denials);
}

/* ---------------------------------------------------------------- for others */

void
denials_each(const struct denials *denials, uint32_t uid,
    bool (*visit)(const struct denial *denial, void *data), void *data)
{
	ring_each(denials->ring, uid, visit, data);
}

struct ring_count
denials_count_of(const struct denials *denials, const struct user *user)
{
	struct ring_count count;

	ring_count_of(denials->ring, user->uid, user->since, &count);
	return count;
}

void
denials_by_policy(const struct denials *denials,
    bool (*visit)(const char *policy, const struct ring_count *count, void *data), void *data)
{
	ring_each_policy(denials->ring, visit, data);
}

void
denials_set_kernel(struct denials *denials, bool logs)
{
	denials->silent = !logs;
}

struct denials_health
denials_health(const struct denials *denials)
{
	return (struct denials_health){ .group = denials->group,
		.away = denials->silent ? "this kernel cannot log what is denied (xt_NFLOG)"
					: denials->away.text,
		.lost = denials->lost };
}

/* ---------------------------------------------------------------- beginning and end */

struct denials *
denials_new(const struct denials_setup *setup)
{
	struct denials *denials = calloc(1, sizeof(*denials));

	if (!denials)
		return NULL;
	denials->setup = *setup;
	denials->sock = -1;
	denials->kept_ms = INT64_MIN / 2; /* never */
	denials->buffer = malloc(NFLOG_SIZE);
	denials->ring = ring_new();
	denials->again = evtimer_new(setup->base, on_again, denials);
	denials->forget = evtimer_new(setup->base, on_forget, denials);
	denials->keep = evtimer_new(setup->base, keep_on_time, denials);
	if (denials->ring)
		denials->lines = lines_new(setup->base, denials->ring, setup->life);
	if (!denials->buffer || !denials->lines || !denials->again || !denials->forget ||
	    !denials->keep) {
		denials_free(denials);
		return NULL;
	}
	keep_read(denials);
	/* The former one's last moments may be missing. Microseconds: nobody counts as fast. */
	ring_go_on(denials->ring, (uint64_t)time(NULL) * 1000000);
	return denials;
}

static void
free_event(struct event *event)
{
	if (event)
		event_free(event);
}

void
denials_free(struct denials *denials)
{
	if (!denials)
		return;
	let_go(denials);
	close(denials->setup.folder);
	lines_free(denials->lines);
	ring_free(denials->ring);
	free_event(denials->again);
	free_event(denials->forget);
	free_event(denials->keep);
	rules_release(denials->former);
	rules_release(denials->rules);
	free(denials->buffer);
	free(denials);
}
