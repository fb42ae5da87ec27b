/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain/answer.h"

#include <arpa/inet.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"
#include "explain/yaml.h"
#include "verdict/words.h"
#include "json/put.h"

static const char allowed_word[] = "allowed", denied_word[] = "denied";

static void
put_rule(struct json_object *object, const struct rule *rule)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (stream) {
		words_rule(stream, rule);
		if (fclose(stream) == 0)
			put_text(object, "rule", text);
		free(text);
	}
	put_text(object, "file", rule->file);
	put_number(object, "line", rule->line);
	if (rule->comment)
		put_text(object, "comment", rule->comment);
}

/* The rule that decides, or what stands for one. */
static void
put_verdict(struct json_object *object, const struct policy *policy, const struct verdict *verdict)
{
	static const char *const by[] = {
		[VERDICT_BY_ROUTING_HEADER] = "routing-header",
		[VERDICT_BY_GRANT] = "grant",
		[VERDICT_BY_SERVE] = "serve",
		[VERDICT_BY_LOOPBACK] = "loopback",
		[VERDICT_BY_RULE] = "rule",
		[VERDICT_BY_DEFAULT] = "default",
	};

	put_text(object, "action", words_action(verdict->action));
	put_text(object, "by", policy ? by[verdict->by] : "none");
	if (verdict->by == VERDICT_BY_GRANT) {
		put_rule(object, verdict->rule);
		put_number(object, "grant", verdict->rule->line);
	} else if (verdict->rule) {
		put_rule(object, verdict->rule);
	} else if (policy) {
		put_text(object, "file", policy->file);
		put_number(object, "line", policy->line);
	}
}

static struct json_object *
near_json(const struct explanation *explanation)
{
	static const char *const misses[] = {
		[MISS_INTERFACE] = "interface",
		[MISS_PORT] = "port",
		[MISS_DESTINATION] = "destination",
		[MISS_PROTOCOL] = "protocol",
	};
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < explanation->n_near; i++) {
		struct json_object *entry = json_object_new_object();

		put_rule(entry, explanation->near[i].rule);
		put_text(entry, "misses", misses[explanation->near[i].miss]);
		json_object_array_add(list, entry);
	}
	return list;
}

static void
put_limit(
    struct json_object *object, const struct policy *policy, const struct explanation *explanation)
{
	const struct limit *limit = &explanation->verdict.rule->limit;
	struct json_object *part = json_object_new_object(), *beyond = json_object_new_object();
	bool allowed = explanation->beyond.action == ACTION_ALLOW || policy->mode == POLICY_OBSERVE;

	put_number(part, "count", limit->count);
	put_number(part, "seconds", limit->seconds);
	put_text(beyond, "verdict", allowed ? allowed_word : denied_word);
	put_verdict(beyond, policy, &explanation->beyond);
	json_object_object_add(part, "beyond", beyond);
	json_object_object_add(object, "limit", part);
}

static void
put_packet(struct json_object *object, const struct packet *packet)
{
	char *text = NULL, address[INET6_ADDRSTRLEN] = "", protocol[WORDS_PROTOCOL_SIZE];
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (stream) {
		words_packet(stream, packet);
		if (fclose(stream) == 0)
			put_text(object, "packet", text);
		free(text);
	}
	inet_ntop(packet->family == FAMILY_IPV4 ? AF_INET : AF_INET6, packet->to, address,
	    sizeof(address));
	put_text(object, "address", address);
	put_text(object, "protocol", words_protocol(packet->protocol, protocol));
	put_bool(object, "local", packet->local);
	put_text(object, "interface", packet->interface);
}

static struct json_object *
packet_json(const struct policy *policy, const struct packet *packet, bool *allowed)
{
	struct json_object *object = json_object_new_object();
	struct explanation explanation;

	explain_packet(policy, packet, &explanation);
	*allowed = *allowed && explanation.allowed;
	put_packet(object, packet);
	put_text(object, "verdict", explanation.allowed ? allowed_word : denied_word);
	put_verdict(object, policy, &explanation.verdict);
	put_text(object, "sees", explanation.sees);
	put_bool(object, "late", explanation.late);
	if (policy && explanation.limited)
		put_limit(object, policy, &explanation);
	json_object_object_add(object, "near", near_json(&explanation));
	return object;
}

static void
put_rules(struct json_object *object, const struct policy *policy)
{
	char *text = NULL;
	size_t size;
	FILE *stream = policy ? open_memstream(&text, &size) : NULL;

	if (!stream)
		return;
	yaml_policy(stream, policy, 0);
	if (fclose(stream) == 0)
		put_text(object, "rules", text);
	free(text);
}

struct json_object *
answer_json(const struct question *question, const struct policy *policy, const char *who)
{
	struct json_object *object = json_object_new_object(), *list;
	bool allowed = true;
	uint32_t i;

	if (!object)
		return NULL;
	put_number(object, "schema", ANSWER_SCHEMA);
	put_text(object, "user", question->user);
	put_number(object, "uid", question->uid);
	put_text(object, "policy", policy ? policy->name : "");
	put_text(object, "file", policy ? policy->file : "");
	put_number(object, "line", policy ? policy->line : 0);
	put_text(object, "mode",
	    !policy                          ? ""
	    : policy->mode == POLICY_OBSERVE ? "observe"
					     : "enforce");
	put_text(object, "who", who);
	if (question->rules)
		put_rules(object, policy);
	if (!question->n_packets)
		return object;
	list = json_object_new_array();
	for (i = 0; i < question->n_packets; i++)
		json_object_array_add(list, packet_json(policy, &question->packets[i], &allowed));
	put_text(object, "verdict", allowed ? allowed_word : denied_word);
	json_object_object_add(object, "answers", list);
	return object;
}
