/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocols, ports and types, as few words of the rules as say exactly these. Pure.
 */
#ifndef NETFENCE_SUGGEST_WORDING_H
#define NETFENCE_SUGGEST_WORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "policy/service.h"

/* value: a port; of icmp and icmpv6 type << 8 | code; 0 of other protocols. */
struct wording_key {
	uint8_t protocol;
	uint32_t value;
};

bool wording_has_ports(uint8_t protocol);

/* In the order in which people would name them. */
int wording_compare(const struct wording_key *one, const struct wording_key *other);

/* n keys, sorted and each another: "domain" where both of the service's protocols are among them,
 * "tcp/ssh", "tcp/8000-8080,9000", "icmp/8/0". services: or NULL. The words are the arena's; false
 * where there is no memory. */
bool wording(struct arena *arena, const struct services *services, const struct wording_key *keys,
    uint32_t n, const char ***words, uint32_t *n_words);

#endif
