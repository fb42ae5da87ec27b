/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <json-c/json.h>
#include <string.h>

#include "denials/inside.h"
#include "verdict/words.h"
#include "json/put.h"

#define SCHEMA 1

struct json_object *
denial_json(const struct denial *denial)
{
	struct json_object *object = json_object_new_object();
	char address[INET6_ADDRSTRLEN], protocol[WORDS_PROTOCOL_SIZE];

	put_number(object, "id", (int64_t)denial->id);
	put_number(object, "sequence", (int64_t)denial->sequence);
	put_number(object, "first", denial->first);
	put_number(object, "last", denial->last);
	put_number(object, "count", (int64_t)denial->count);
	put_bool(object, "at_least", denial->at_least);
	put_text(object, "verdict", mark_verdict(denial->verdict));
	put_text(object, "user", denial->user);
	put_number(object, "uid", denial->uid);
	put_text(object, "policy", denial->policy);
	put_text(object, "protocol", words_protocol(denial->protocol, protocol));
	inet_ntop(denial->family == FAMILY_IPV4 ? AF_INET : AF_INET6, denial->to, address,
	    sizeof(address));
	put_text(object, "address", address);
	if (denial->port)
		put_number(object, "port", denial->port);
	if (denial->icmp_type >= 0)
		put_number(object, "icmp_type", denial->icmp_type);
	if (denial->icmp_code >= 0)
		put_number(object, "icmp_code", denial->icmp_code);
	put_text(object, "by", mark_by(denial->by));
	put_text(object, "file", denial->file);
	put_number(object, "line", denial->line);
	return object;
}

struct listing {
	struct json_object *list;
	const char *user;
	uint64_t after;
	time_t since;
};

static bool
list(const struct denial *denial, void *data)
{
	const struct listing *listing = data;

	if (denial->sequence > listing->after && denial->last >= listing->since &&
	    (!listing->user[0] || !strcmp(listing->user, denial->user)))
		json_object_array_add(listing->list, denial_json(denial));
	return true;
}

void
denials_answer(const struct denials *denials, struct connection *connection, const char *user,
    uint64_t after, uint64_t since)
{
	struct json_object *object = json_object_new_object();
	struct listing listing = { json_object_new_array(), user, after,
		since < INT64_MAX ? (time_t)since : INT64_MAX };
	struct denials_health health = denials_health(denials);

	/* Whoever follows has seen more than there is: the ring is another one by now. */
	if (after > ring_sequence(denials->ring))
		listing.after = 0;
	put_number(object, "schema", SCHEMA);
	put_number(object, "sequence", (int64_t)ring_sequence(denials->ring));
	put_number(object, "group", health.group);
	put_text(object, "away", health.away);
	put_number(object, "lost", (int64_t)health.lost);
	ring_each(denials->ring, 0, list, &listing);
	json_object_object_add(object, "denials", listing.list);
	connection_answer_text(connection, PROTOCOL_TEXT,
	    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
	json_object_put(object);
}
