/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an administrator asks about one user: what is in force for them, and what a login of theirs
 * would get. Changes nothing. Answers are JSON.
 */
#ifndef NETFENCE_INQUIRY_H
#define NETFENCE_INQUIRY_H

#include "connection.h"
#include "explain/question.h"
#include "life/life.h"

/* As explain/answer.h has it, and of a fence that stands: standing, since, sessions, shut, and then
 * shut_by ("max-session", "on-logout", "unknown": who that uid is), "by" being "shut"; off, while
 * `netfencectl off` is in force. An ERROR where there are no rules in force. */
void inquiry_explain(
    const struct life *life, struct connection *connection, const struct question *question);

/* schema, result ("fenced", "free" or "refused"), policy, reason. */
void inquiry_login(
    const struct life *life, struct connection *connection, const struct open_request *request);

#endif
