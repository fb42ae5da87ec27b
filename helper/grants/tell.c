/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "grants/tell.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "log.h"
#include "verdict/words.h"
#include "json/put.h"

/* malloc'd; NULL where there is no memory. */
static char *
words_of(const struct rule *rule, void (*say)(FILE *stream, const struct rule *rule))
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	say(stream, rule);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

/* Of each list in a line of the log, which has an end. */
#define MOST 8

static void
say_to(FILE *stream, const struct rule *rule)
{
	words_to(stream, rule->n_to, rule->to, MOST);
}

static void
say_all_to(FILE *stream, const struct rule *rule)
{
	words_to(stream, rule->n_to, rule->to, WORDS_ALL);
}

/* The protocol, and behind it what has no column of its own: types, or all of several. */
static void
say_proto(FILE *stream, const struct rule *rule)
{
	struct what what = rule->what[0];

	what.n_ports = 0;
	words_what(stream, rule->n_what == 1 ? &what : rule->what, rule->n_what, MOST);
}

static void
say_ports(FILE *stream, const struct rule *rule)
{
	const struct what *what = rule->what;
	uint32_t i;

	for (i = 0; rule->n_what == 1 && i < what->n_ports && i < 2 * MOST; i++) {
		fprintf(stream, "%s%u", i ? "," : "", what->ports[i].first);
		if (what->ports[i].last != what->ports[i].first)
			fprintf(stream, "-%u", what->ports[i].last);
	}
}

struct json_object *
tell_json(const struct grant *grant)
{
	struct json_object *object = json_object_new_object();
	cleanup_free char *rule = words_of(&grant->rule, words_rule);
	cleanup_free char *to = words_of(&grant->rule, say_all_to);

	put_number(object, "id", grant->id);
	put_text(object, "user", grant->user);
	put_number(object, "uid", grant->uid);
	put_text(object, "what", grant->what);
	put_text(object, "where", grant->where);
	put_text(object, "rule", rule);
	put_text(object, "to", to);
	put_number(object, "since", grant->since);
	put_number(object, "until", grant->term.until);
	put_number(object, "left", (term_left_ms(&grant->term) + 999) / 1000);
	put_text(object, "by", grant->by.name);
	put_number(object, "by_uid", grant->by.uid);
	put_number(object, "loginuid",
	    grant->by.login_uid == ASKER_NOBODY ? -1 : (int64_t)grant->by.login_uid);
	put_text(object, "reason", grant->reason);
	return object;
}

static void
tell(const struct grant *grant, const char *until, const char *reason, const struct asker *by)
{
	cleanup_free char *proto = words_of(&grant->rule, say_proto);
	cleanup_free char *dst = words_of(&grant->rule, say_to);
	cleanup_free char *ports = words_of(&grant->rule, say_ports);
	const struct what *what = grant->rule.what;
	const bool one_port = grant->rule.n_what == 1 && what->n_ports == 1 &&
			      what->ports->first == what->ports->last;
	const struct log_field nothing = LOG_TEXT("", "");
	const struct log_field dport = LOG_TEXT("dport", ports);
	const struct log_field number = LOG_NUMBER("dport", one_port ? what->ports->first : 0);
	const struct log_field login = LOG_NUMBER("loginuid", by ? by->login_uid : 0);

	log_event(LOG_NOTICE, "grant", LOG_TEXT("user", grant->user), LOG_NUMBER("uid", grant->uid),
	    LOG_TEXT("from", by ? by->name : ""), LOG_TEXT("proto", proto), LOG_TEXT("dst", dst),
	    one_port ? number : dport, LOG_NUMBER("grant", grant->id),
	    by && by->login_uid != ASKER_NOBODY ? login : nothing, LOG_TEXT("until", until),
	    LOG_TEXT("reason", reason));
}

void
tell_begin(const struct grant *grant)
{
	const time_t until = (time_t)grant->term.until;
	char text[32] = "";
	struct tm parts;

	if (gmtime_r(&until, &parts))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	tell(grant, text, grant->reason, &grant->by);
}

void
tell_end(const struct grant *grant, const char *reason, const struct asker *by)
{
	tell(grant, "", reason, by);
}
