/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "off.h"

#include <errno.h>
#include <event2/event.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "kept.h"
#include "log.h"

#define SCHEMA    1
#define OFF_MAGIC UINT64_C(0x313030303066666f) /* "off00001" */

/* How often it is written down what is left, and looked whether it is over: libevent's clock stands
 * still while the host sleeps, the one that counts does not. */
#define LOOK_MS 60000

/* How long whoever asked waits for the commit, at most. */
#define PATIENCE_MS 60000

struct off {
	struct off_setup setup;
	struct event *alarm;
	struct term_boot boot;
	bool is_off;
	struct off_now now;
	struct connection *connection; /* that waits for the commit, or NULL */
	const char *result;            /* what it will be told */
};

/* ---------------------------------------------------------------------------- the record */

static void
keep(const struct off *off)
{
	struct why why = { "no memory" };
	struct wire_out out = { 0 };

	if (!off->is_off) {
		if (kept_remove(off->setup.channel, KEPT_OFF, &why) < 0)
			log_line(LOG_ERR, "%s", why.text);
		return;
	}
	wire_put_u64(&out, OFF_MAGIC);
	wire_put_string(&out, off->boot.id);
	term_put(&out, &off->now.term);
	wire_put_u64(&out, (uint64_t)off->now.since);
	wire_put_u32(&out, off->now.asker.uid);
	wire_put_u32(&out, off->now.asker.login_uid);
	wire_put_string(&out, off->now.asker.name);
	wire_put_string(&out, off->now.reason);
	if (out.failed || kept_write(off->setup.channel, KEPT_OFF, out.data, out.used, &why) < 0)
		log_line(
		    LOG_ERR, "that netfence is off cannot be kept over a restart: %s", why.text);
	wire_out_free(&out);
}

static void
get_text(struct wire_in *in, char *text, size_t size)
{
	cleanup_free char *copy = wire_get_string(in, (uint32_t)size - 1);

	snprintf(text, size, "%s", copy ? copy : "");
}

static bool
get(struct wire_in *in, const struct term_boot *boot, struct off_now *now)
{
	struct term_boot then;

	memset(now, 0, sizeof(*now));
	if (wire_get_u64(in) != OFF_MAGIC)
		return false;
	get_text(in, then.id, sizeof(then.id));
	now->term = term_get(in, term_boot_is(boot, &then));
	now->since = (int64_t)wire_get_u64(in);
	now->asker.uid = wire_get_u32(in);
	now->asker.login_uid = wire_get_u32(in);
	get_text(in, now->asker.name, sizeof(now->asker.name));
	get_text(in, now->reason, sizeof(now->reason));
	return wire_in_done(in) && term_left_ms(&now->term) <= OFF_SECONDS_MAX * INT64_C(1000);
}

/* ---------------------------------------------------------------------------- saying so */

static void
say_who(const struct asker *asker, char *words, size_t size)
{
	if (asker->login_uid == ASKER_NOBODY)
		snprintf(words, size, "%s (uid %u)", asker->name, (unsigned int)asker->uid);
	else
		snprintf(words, size, "%s (uid %u, login %u)", asker->name,
		    (unsigned int)asker->uid, (unsigned int)asker->login_uid);
}

static void
log_off(const struct off *off, const char *words)
{
	char buffer[PROTOCOL_NAME_MAX + 64];
	const char *who = buffer;

	say_who(&off->now.asker, buffer, sizeof(buffer));
	log_event(LOG_WARNING, "off", LOG_TEXT("from", who), LOG_TEXT("reason", words));
}

static void
answer(struct off *off, const char *result, const char *reason)
{
	struct json_object *object;

	if (!off->connection)
		return;
	object = json_object_new_object();
	json_object_object_add(object, "schema", json_object_new_int(SCHEMA));
	json_object_object_add(object, "result", json_object_new_string(result));
	if (reason)
		json_object_object_add(object, "reason", json_object_new_string(reason));
	if (off->is_off)
		json_object_object_add(object, "until", json_object_new_int64(off->now.term.until));
	connection_answer_text(off->connection, PROTOCOL_TEXT,
	    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
	off->connection = NULL;
}

static void
on_switched(const struct why *why, void *data)
{
	struct off *off = data;

	if (why)
		log_line(LOG_ERR, "%s: %s", off->is_off ? "off" : "on again", why->text);
	else if (!off->is_off)
		log_event(LOG_NOTICE, "off", LOG_TEXT("reason", "the fences are back"));
	answer(off, why ? "failed" : off->result, why ? why->text : NULL);
}

/* ---------------------------------------------------------------------------- off and on */

static void
look_again(const struct off *off)
{
	int64_t left = term_left_ms(&off->now.term);
	struct timeval delay;

	if (left > LOOK_MS)
		left = LOOK_MS;
	left++;
	delay = (struct timeval){ left / 1000, left % 1000 * 1000 };
	evtimer_add(off->alarm, &delay);
}

static void
end(struct off *off, const char *words)
{
	off->is_off = false;
	evtimer_del(off->alarm);
	log_off(off, words);
	keep(off);
	life_switch(off->setup.life, false, on_switched, off);
}

static void
on_alarm(int fd, short what, void *data)
{
	struct off *off = data;

	(void)fd;
	(void)what;
	if (!off->is_off)
		return;
	if (term_left_ms(&off->now.term) == 0) {
		off->result = "on";
		end(off, "time is over: on again");
		return;
	}
	keep(off);
	look_again(off);
}

/* Only the latest is told what became of it. */
static void
take_connection(struct off *off, struct connection *connection, const char *result)
{
	if (off->connection)
		connection_answer_text(
		    off->connection, PROTOCOL_ERROR, "somebody else has said otherwise meanwhile");
	off->connection = connection;
	off->result = result;
	connection_wait(connection, PATIENCE_MS);
}

void
off_start(struct off *off, struct connection *connection, uint32_t seconds, const char *reason,
    const char *claim)
{
	char words[OFF_REASON_MAX + 64];

	take_connection(off, connection, "off");
	off->is_off = true;
	off->now = (struct off_now){
		.term = term_of(seconds),
		.since = time(NULL),
		.asker = asker_of(connection, off->setup.proc, claim),
	};
	snprintf(off->now.reason, sizeof(off->now.reason), "%s", reason);
	snprintf(words, sizeof(words), "off for %u s: %s", (unsigned int)seconds, reason);
	log_off(off, words);
	keep(off);
	look_again(off);
	life_switch(off->setup.life, true, on_switched, off);
}

void
off_end(struct off *off, struct connection *connection, const char *claim)
{
	take_connection(off, connection, "on");
	if (off->is_off) {
		off->now.asker = asker_of(connection, off->setup.proc, claim);
		end(off, "on again");
	} else if (life_is_switched(off->setup.life)) {
		answer(off, "was on", NULL);
	} else {
		/* Said before, to us or to who was main then, but the fences are not back yet. */
		life_switch(off->setup.life, false, on_switched, off);
	}
}

void
off_forget(struct off *off, const struct connection *connection)
{
	if (off->connection == connection)
		off->connection = NULL;
}

const struct off_now *
off_is(const struct off *off)
{
	return off->is_off ? &off->now : NULL;
}

void
off_begin(struct off *off)
{
	cleanup_free char *bytes = NULL;
	struct wire_in in = { 0 };
	struct why why = { "" };
	int result = kept_read(off->setup.state, KEPT_OFF, &bytes, &in.left, &why);

	if (result == -ENOENT)
		return;
	in.data = (const uint8_t *)bytes;
	if (result < 0 || !get(&in, &off->boot, &off->now)) {
		log_line(LOG_ERR, "that netfence was off cannot be read (%s): it is on",
		    result < 0 ? why.text : "damaged");
		keep(off);
		return;
	}
	if (term_left_ms(&off->now.term) == 0) {
		log_off(off, "time is over: on again");
		keep(off);
		return;
	}
	off->is_off = true;
	log_off(off, "still off");
	look_again(off);
	life_switch(off->setup.life, true, NULL, NULL);
}

struct off *
off_new(const struct off_setup *setup)
{
	struct off *off = calloc(1, sizeof(*off));

	if (!off)
		return NULL;
	off->setup = *setup;
	off->boot = term_boot_of(setup->proc);
	off->alarm = evtimer_new(setup->base, on_alarm, off);
	if (!off->alarm) {
		free(off);
		return NULL;
	}
	return off;
}

void
off_free(struct off *off)
{
	if (!off)
		return;
	event_free(off->alarm);
	free(off);
}
