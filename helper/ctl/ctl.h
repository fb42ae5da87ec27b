/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands of netfencectl share. Each command is a function that prints its answer and
 * returns the exit code.
 */
#ifndef NETFENCE_CTL_H
#define NETFENCE_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "netfence/protocol.h"
#include "wire/buffer.h"

/* Exit codes, as netfencectl(1) has them. */
enum ctl_exit {
	CTL_YES = 0,
	CTL_NO = 1,
	CTL_USAGE = 2,
	CTL_AWAY = 3, /* the daemon does not answer */
	CTL_NOT_PERMITTED = 4,
	CTL_RULES_UNUSABLE = 5
};

struct ctl {
	const char *rules; /* folder */
	const char *run;   /* folder */
	const char *state; /* folder */
	bool json;
	int argc; /* of the command, which is argv[0] */
	char **argv;
};

enum ctl_exit ctl_status(const struct ctl *ctl);
enum ctl_exit ctl_sessions(const struct ctl *ctl);
enum ctl_exit ctl_rules(const struct ctl *ctl);
enum ctl_exit ctl_check(const struct ctl *ctl);
enum ctl_exit ctl_reload(const struct ctl *ctl);
enum ctl_exit ctl_rollback(const struct ctl *ctl);
enum ctl_exit ctl_confirm(const struct ctl *ctl);
enum ctl_exit ctl_explain(const struct ctl *ctl);
enum ctl_exit ctl_show(const struct ctl *ctl);
enum ctl_exit ctl_denials(const struct ctl *ctl);
enum ctl_exit ctl_login_test(const struct ctl *ctl);
enum ctl_exit ctl_metrics(const struct ctl *ctl);
enum ctl_exit ctl_doctor(const struct ctl *ctl);
enum ctl_exit ctl_why(const struct ctl *ctl);
enum ctl_exit ctl_grant(const struct ctl *ctl);
enum ctl_exit ctl_grants(const struct ctl *ctl);
enum ctl_exit ctl_revoke(const struct ctl *ctl);
enum ctl_exit ctl_suggest(const struct ctl *ctl);

enum ctl_exit ctl_terminate(const struct ctl *ctl);
enum ctl_exit ctl_off(const struct ctl *ctl);
enum ctl_exit ctl_on(const struct ctl *ctl);

/* Who asks, for the record: whose login this is by audit's account, or who has become root through
 * sudo; a claim, as netfenced knows. malloc'd, the caller's; NULL: nobody can tell. */
char *ctl_claim(void);

/* Says what is wrong with how the command was called, and how it is to be called. */
enum ctl_exit ctl_usage(const struct ctl *ctl, const char *usage);

/* Asks the daemon, and says nothing about it. 0 and its answer, malloc'd, the caller's; -EREMOTEIO
 * and its words where it answers with an ERROR; another -errno where it does not answer. */
int ctl_try(const struct ctl *ctl, enum protocol_operation operation,
    const struct wire_out *payload, char **text, struct why *why);

/* The same over another socket of the run folder; -EBUSY where it wants to be asked later. */
int ctl_try_at(const struct ctl *ctl, const char *name, enum protocol_operation operation,
    const struct wire_out *payload, char **text, struct why *why);

/* Asks the daemon. On CTL_YES *text is its answer, malloc'd, the caller's; else the reason has
 * been said on stderr. An ERROR of the daemon's gives `refused`. */
enum ctl_exit ctl_ask(const struct ctl *ctl, enum protocol_operation operation,
    const struct wire_out *payload, enum ctl_exit refused, char **text);

/* The same, parsed: *object is the caller's to json_object_put(). */
struct json_object;
enum ctl_exit ctl_ask_json(const struct ctl *ctl, enum protocol_operation operation,
    const struct wire_out *payload, enum ctl_exit refused, char **text,
    struct json_object **object);

/* An answer, parsed; the reason why it cannot be has been said, with CTL_AWAY. */
enum ctl_exit ctl_parse(const char *text, struct json_object **object);

/* For programs, where the answer is one text: {"schema": 1, KEY: text}. */
void ctl_print_json(const char *key, const char *text);

/* A member of an object; "" or 0 where there is none. The text is the object's. */
const char *ctl_text(struct json_object *object, const char *key);
int64_t ctl_number(struct json_object *object, const char *key);

#endif
