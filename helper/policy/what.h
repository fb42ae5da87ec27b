/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule is about, as text: "any", "tcp/80,8000-8080", "8080/tcp", "icmp/echo-request",
 * "https", "47".
 */
#ifndef NETFENCE_POLICY_WHAT_H
#define NETFENCE_POLICY_WHAT_H

#include "base/why.h"
#include "policy/service.h"
#include "policy/what_list.h"

/* Adds what the text means. 0, -EINVAL with the words for the administrator, or -ENOMEM. */
int what_parse(struct arena *arena, const struct services *services, const char *text,
    struct what_list *list, struct why *why);

/* Whether a number that stands alone, and is therefore a protocol, was rather meant as a port. */
bool what_seems_port(const char *text);

#endif
