/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules for what was denied, or would have been: YAML to review.
 */
#include <arpa/inet.h>
#include <grp.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/packets.h"
#include "ctl/person.h"
#include "ctl/screen.h"
#include "suggest/suggest.h"

#define USAGE "suggest USER | --group GROUP [--merge N]"

#define MERGE_MAX 65536
#define SCHEMA    1

/* Whose, and how. */
struct wish {
	const char *user;  /* or NULL: */
	const char *group; /* members of this */
	uint32_t merge;
};

/* ---------------------------------------------------------------- what was asked for */

static bool
parse_merge(const char *text, uint32_t *merge)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	*merge = (uint32_t)number;
	return text[0] >= '0' && text[0] <= '9' && !*end && number >= 2 && number <= MERGE_MAX;
}

static bool
parse(const struct ctl *ctl, struct wish *wish)
{
	int i;

	for (i = 1; i < ctl->argc; i++) {
		const char *word = ctl->argv[i], *value = ctl->argv[i + 1];

		if (!strcmp(word, "--group") && value && !wish->group) {
			wish->group = value;
			i++;
		} else if (!strcmp(word, "--merge") && value && !wish->merge) {
			if (!parse_merge(value, &wish->merge))
				return false;
			i++;
		} else if (word[0] != '-' && !wish->user) {
			wish->user = word;
		} else {
			return false;
		}
	}
	return !wish->user != !wish->group;
}

/* There has to be such a user or group, so that a slip of the pen is no "nothing was seen". */
static enum ctl_exit
check(const struct wish *wish)
{
	struct identity identity;
	enum ctl_exit result;

	if (wish->group)
		return getgrnam(wish->group) ? CTL_YES : person_unknown("group", wish->group, NULL);
	result = person_find(wish->user, NULL, &identity);
	if (result == CTL_YES)
		identity_clear(&identity);
	return result;
}

/* ---------------------------------------------------------------- what was seen */

static bool
is_member(const char *user, const char *group)
{
	struct identity identity;
	struct why why;
	bool found = false;
	uint32_t i;

	if (identity_find(user, &identity, &why) < 0)
		return false;
	if (identity_find_groups(&identity, &why) == 0)
		for (i = 0; i < identity.n_groups; i++)
			found = found || !strcmp(identity.groups[i], group);
	identity_clear(&identity);
	return found;
}

/* Of whom the name service has been asked. */
struct asked {
	uint32_t n;
	struct {
		const char *user;
		bool member;
	} * people; /* as many as there are entries, at most */
};

static bool
is_wanted(const struct wish *wish, const char *user, struct asked *asked)
{
	uint32_t i;

	if (wish->user)
		return !strcmp(user, wish->user);
	for (i = 0; i < asked->n; i++)
		if (!strcmp(asked->people[i].user, user))
			return asked->people[i].member;
	asked->people[i].user = user;
	asked->people[i].member = is_member(user, wish->group);
	asked->n++;
	return asked->people[i].member;
}

static int
number_or(struct json_object *object, const char *key, int otherwise)
{
	struct json_object *member;

	return json_object_object_get_ex(object, key, &member) ? json_object_get_int(member)
							       : otherwise;
}

static uint8_t
protocol_of(const char *name)
{
	static const struct {
		const char *name;
		uint8_t number;
	} protocols[] = { { "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "sctp", IPPROTO_SCTP },
		{ "icmp", IPPROTO_ICMP }, { "icmpv6", IPPROTO_ICMPV6 } };
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (!strcmp(name, protocols[i].name))
			return protocols[i].number;
	return (uint8_t)strtoul(name, NULL, 10);
}

static bool
read_flow(struct json_object *entry, struct suggest_flow *flow)
{
	const char *address = ctl_text(entry, "address"), *by = ctl_text(entry, "by");
	struct json_object *member;

	*flow = (struct suggest_flow){
		.family = strchr(address, ':') ? FAMILY_IPV6 : FAMILY_IPV4,
		.protocol = protocol_of(ctl_text(entry, "protocol")),
		.port = (uint16_t)number_or(entry, "port", 0),
		.icmp_type = number_or(entry, "icmp_type", -1),
		.icmp_code = number_or(entry, "icmp_code", -1),
		.count = (uint64_t)ctl_number(entry, "count"),
		.at_least = json_object_object_get_ex(entry, "at_least", &member) &&
			    json_object_get_boolean(member),
		.last = (time_t)ctl_number(entry, "last"),
	};
	if (!strcmp(by, "loopback"))
		flow->ruled_out = "to this host itself: loopback decides";
	else if (!strcmp(by, "routing-header"))
		flow->ruled_out = "with an IPv6 routing header: never allowed";
	return inet_pton(flow->family == FAMILY_IPV4 ? AF_INET : AF_INET6, address, flow->to) == 1;
}

/* The flows that count, the arena's; NULL where there is no memory. */
static struct suggest_flow *
read_flows(struct arena *arena, struct json_object *answer, const struct wish *wish, uint32_t *n)
{
	struct json_object *list, *entry;
	struct suggest_flow *flows;
	struct asked asked = { .n = 0 };
	size_t i, length;

	*n = 0;
	if (!json_object_object_get_ex(answer, "denials", &list))
		return arena_new_of(arena, 0, struct suggest_flow);
	length = json_object_array_length(list);
	flows = arena_new_of(arena, length, struct suggest_flow);
	asked.people = arena_array(arena, length, sizeof(*asked.people));
	if (!asked.people)
		return NULL;
	for (i = 0; flows && i < length; i++) {
		entry = json_object_array_get_idx(list, i);
		if (strcmp(ctl_text(entry, "verdict"), "allowed") != 0 &&
		    is_wanted(wish, ctl_text(entry, "user"), &asked) &&
		    read_flow(entry, &flows[*n]))
			++*n;
	}
	return flows;
}

/* ---------------------------------------------------------------- YAML */

/* "14 packets, last 2026-11-22 09:41". */
static void
put_seen(FILE *stream, const struct suggest_seen *seen)
{
	struct tm parts;
	char when[32];

	localtime_r(&seen->last, &parts);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &parts);
	fprintf(stream, "%" PRIu64 " packet%s%s, last %s", seen->count, seen->count == 1 ? "" : "s",
	    seen->at_least ? " or more" : "", when);
}

/* One word as it is, several as a list, in lines of less than 80 columns. */
static void
put_words(FILE *stream, const char *key, const char *const *words, uint32_t n)
{
	int column = fprintf(stream, "%s", key), length;
	const int indent = column + 1;
	uint32_t i;

	if (n != 1)
		column += fprintf(stream, "[");
	for (i = 0; i < n; i++) {
		const bool quoted = strchr(words[i], ':') || (n != 1 && strchr(words[i], ','));

		length = (int)strlen(words[i]) + 2 * quoted;
		if (i && column + length + 4 > SCREEN_COLUMNS) {
			fprintf(stream, ",\n%*s", indent, "");
			column = indent;
		} else if (i) {
			column += fprintf(stream, ", ");
		}
		column += fprintf(stream, quoted ? "\"%s\"" : "%s", words[i]);
	}
	fputs(n != 1 ? "]\n" : "\n", stream);
}

static void
put_rule(FILE *stream, const struct suggest_rule *rule)
{
	fputs("  # ", stream);
	put_seen(stream, &rule->seen);
	putc('\n', stream);
	if (rule->wider[0])
		fprintf(stream, "  # wider than that: seen were %s\n", rule->wider);
	if (rule->high)
		fputs("  # high ports: if these were answers of a server of theirs, use serve\n",
		    stream);
	put_words(stream, "  - allow: ", rule->what, rule->n_what);
	put_words(stream, "    to: ", rule->to, rule->n_to);
}

static void
put_yaml(FILE *stream, const struct wish *wish, const struct suggestion *suggestion)
{
	uint32_t i;

	fprintf(stream, "# Rules for %s%s\n", wish->user ? "" : "the group ",
	    wish->user ? wish->user : wish->group);
	fputs("# They allow all that was denied, or would have been, wanted or not: review\n"
	      "# them. Where there are rules already, these belong in front.\n",
	    stream);
	fputs(suggestion->n_rules ? "egress:\n" : "egress: []\n", stream);
	for (i = 0; i < suggestion->n_rules; i++)
		put_rule(stream, &suggestion->rules[i]);
	for (i = 0; i < suggestion->n_rest; i++) {
		fprintf(stream, "# not %s, ", suggestion->rest[i].packet);
		put_seen(stream, &suggestion->rest[i].seen);
		fprintf(stream, ":\n#   %s\n", suggestion->rest[i].reason);
	}
}

/* ---------------------------------------------------------------- JSON */

static struct json_object *
words_json(const char *const *words, uint32_t n)
{
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < n; i++)
		json_object_array_add(list, json_object_new_string(words[i]));
	return list;
}

static void
put_seen_json(struct json_object *object, const struct suggest_seen *seen)
{
	json_object_object_add(object, "count", json_object_new_int64((int64_t)seen->count));
	json_object_object_add(object, "at_least", json_object_new_boolean(seen->at_least));
	json_object_object_add(object, "last", json_object_new_int64(seen->last));
}

static void
print_json(const struct wish *wish, const struct suggestion *suggestion)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_array(),
			   *entry;
	uint32_t i;

	json_object_object_add(object, "schema", json_object_new_int(SCHEMA));
	json_object_object_add(object, wish->user ? "user" : "group",
	    json_object_new_string(wish->user ? wish->user : wish->group));
	for (i = 0; i < suggestion->n_rules; i++) {
		const struct suggest_rule *rule = &suggestion->rules[i];

		entry = json_object_new_object();
		json_object_object_add(entry, "allow", words_json(rule->what, rule->n_what));
		json_object_object_add(entry, "to", words_json(rule->to, rule->n_to));
		json_object_object_add(entry, "wider", json_object_new_string(rule->wider));
		put_seen_json(entry, &rule->seen);
		json_object_array_add(list, entry);
	}
	json_object_object_add(object, "rules", list);
	list = json_object_new_array();
	for (i = 0; i < suggestion->n_rest; i++) {
		entry = json_object_new_object();
		json_object_object_add(
		    entry, "packet", json_object_new_string(suggestion->rest[i].packet));
		json_object_object_add(
		    entry, "reason", json_object_new_string(suggestion->rest[i].reason));
		put_seen_json(entry, &suggestion->rest[i].seen);
		json_object_array_add(list, entry);
	}
	json_object_object_add(object, "rest", list);
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

/* ---------------------------------------------------------------- all of it */

static enum ctl_exit
no_memory(void)
{
	fputs("netfencectl: no memory\n", stderr);
	return CTL_AWAY;
}

static enum ctl_exit
answer(
    const struct ctl *ctl, const struct wish *wish, struct arena *arena, struct json_object *seen)
{
	const struct services *services = packets_services(arena);
	struct suggestion suggestion;
	uint32_t n;
	struct suggest_flow *flows = read_flows(arena, seen, wish, &n);

	if (!services || !flows || !suggest(arena, flows, n, wish->merge, services, &suggestion))
		return no_memory();
	if (ctl_text(seen, "away")[0])
		fprintf(stderr, "netfencectl: what is denied cannot be told now: %s\n",
		    ctl_text(seen, "away"));
	if (ctl->json)
		print_json(wish, &suggestion);
	else if (n)
		put_yaml(stdout, wish, &suggestion);
	if (n)
		return CTL_YES;
	fprintf(stderr, "netfencectl: nothing that %s%s wanted was denied, or observed\n",
	    wish->user ? wish->user : "group ", wish->user ? "" : wish->group);
	return CTL_NO;
}

static enum ctl_exit
ask(const struct ctl *ctl, const struct wish *wish, struct json_object **seen)
{
	struct wire_out payload = { 0 };
	cleanup_free char *text = NULL;
	enum ctl_exit result;

	wire_put_string(&payload, wish->user);
	wire_put_u64(&payload, 0);
	wire_put_u64(&payload, 0);
	result = ctl_ask_json(ctl, PROTOCOL_DENIALS, &payload, CTL_AWAY, &text, seen);
	wire_out_free(&payload);
	return result;
}

enum ctl_exit
ctl_suggest(const struct ctl *ctl)
{
	struct wish wish = { NULL, NULL, 0 };
	struct json_object *seen = NULL;
	struct arena *arena;
	enum ctl_exit result;

	if (!parse(ctl, &wish))
		return ctl_usage(ctl, USAGE);
	result = check(&wish);
	if (result == CTL_YES)
		result = ask(ctl, &wish, &seen);
	if (result != CTL_YES)
		return result;
	arena = arena_new();
	result = arena ? answer(ctl, &wish, arena, seen) : no_memory();
	arena_free(arena);
	json_object_put(seen);
	return result;
}
