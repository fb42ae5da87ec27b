/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that would have allowed what was seen, and nothing else. Pure.
 */
#ifndef NETFENCE_SUGGEST_H
#define NETFENCE_SUGGEST_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/arena.h"
#include "netfence/rule.h"
#include "policy/service.h"

/*
 * Something that was seen, however often. The same may come several times.
 * port       host byte order; with tcp, udp and sctp
 * icmp_type, icmp_code  or -1
 * count      packets; at_least: or more
 * ruled_out  NULL, or why no rule of `egress` could allow it; the caller's
 */
struct suggest_flow {
	enum family family;
	uint8_t protocol;
	uint8_t to[16];
	uint16_t port;
	int icmp_type;
	int icmp_code;
	uint64_t count;
	bool at_least;
	time_t last;
	const char *ruled_out;
};

/* How often, and when last. */
struct suggest_seen {
	uint64_t count;
	bool at_least;
	time_t last;
};

/*
 * One rule, in the words in which it is written.
 * what, to  "ssh", "tcp/22,8000-8080"; "192.0.2.0/24", "2001:db8::1"; neither is quoted
 * wider     "5 of 192.0.2.0/24, 4 of 2001:db8::/64": where the rule allows more than was seen, how
 *           many addresses were; else ""
 * high      ports of TCP and UDP only, from SUGGEST_HIGH on: such are given to who asks, so that
 *           it may have been answers
 */
struct suggest_rule {
	uint32_t n_what;
	const char **what;
	uint32_t n_to;
	const char **to;
	struct suggest_seen seen;
	const char *wider;
	bool high;
};

#define SUGGEST_HIGH 32768

/* What no rule can allow: "tcp/22 to ::1", and why. */
struct suggest_rest {
	const char *packet;
	const char *reason;
	struct suggest_seen seen;
};

struct suggestion {
	uint32_t n_rules;
	struct suggest_rule *rules;
	uint32_t n_rest;
	struct suggest_rest *rest;
};

/*
 * merge     0: exactly what was seen. Else as many addresses of one /24 or /64, for the same
 *           protocol and port, become that prefix
 * services  for their names; or NULL
 *
 * The suggestion is the arena's. False where there is no memory.
 */
bool suggest(struct arena *arena, const struct suggest_flow *flows, uint32_t n, uint32_t merge,
    const struct services *services, struct suggestion *suggestion);

#endif
