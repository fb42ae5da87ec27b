/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suggest/wording.h"

#include <ctype.h>
#include <netinet/in.h>
#include <string.h>

#include "verdict/words.h"

/* With more ports of one protocol than that, names tell less than numbers. */
#define NAMED_MAX 8

bool
wording_has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static int
rank(uint8_t protocol)
{
	static const uint8_t first[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP,
		IPPROTO_ICMPV6 };
	int i;

	for (i = 0; i < (int)sizeof(first); i++)
		if (first[i] == protocol)
			return i;
	return i + protocol;
}

int
wording_compare(const struct wording_key *one, const struct wording_key *other)
{
	if (one->protocol != other->protocol)
		return rank(one->protocol) < rank(other->protocol) ? -1 : 1;
	return (one->value > other->value) - (one->value < other->value);
}

/* ---------------------------------------------------------------- services */

/* A word that cannot be taken for anything else: no number, no protocol. */
static bool
is_word(const char *name)
{
	static const char *const others[] = { "tcp", "udp", "sctp", "icmp", "icmpv6", "any",
		"all" };
	const char *at;
	size_t i;

	if (!isalpha((unsigned char)name[0]))
		return false;
	for (at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '-' && *at != '_')
			return false;
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(name, others[i]))
			return false;
	return true;
}

/* A name that in this protocol means this port and no other, or NULL. */
static const char *
name_of(const struct services *services, const struct wording_key *key)
{
	const char *name = services && wording_has_ports(key->protocol)
			       ? services_name(services, key->protocol, (uint16_t)key->value)
			       : NULL;
	const struct service_port *port;

	if (!name || !is_word(name))
		return NULL;
	for (port = services_find(services, name); port; port = port->next)
		if (port->protocol == key->protocol && port->port != key->value)
			return NULL;
	return name;
}

static uint32_t
find(const struct wording_key *keys, uint32_t n, uint8_t protocol, uint32_t value)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (keys[i].protocol == protocol && keys[i].value == value)
			break;
	return i;
}

/* Marks all that the service is as said; false, and nothing, where some of it is not there. */
static bool
take_service(const struct services *services, const char *name, const struct wording_key *keys,
    uint32_t n, bool *said)
{
	const struct service_port *port;

	for (port = services_find(services, name); port; port = port->next)
		if (find(keys, n, port->protocol, port->port) == n)
			return false;
	for (port = services_find(services, name); port; port = port->next)
		said[find(keys, n, port->protocol, port->port)] = true;
	return true;
}

/* ---------------------------------------------------------------- words */

/* From `at` on all ports of one protocol that are not said yet, as ranges in one word. */
static const char *
say_ports(struct arena *arena, const struct wording_key *keys, uint32_t n, uint32_t at, bool *said)
{
	char protocol[WORDS_PROTOCOL_SIZE];
	const char *text = arena_printf(arena, "%s", words_protocol(keys[at].protocol, protocol));
	const uint8_t number = keys[at].protocol;
	const char *before = "/";
	uint32_t last;

	for (; text && at < n && keys[at].protocol == number; at = last + 1) {
		last = at;
		if (said[at])
			continue;
		while (last + 1 < n && keys[last + 1].protocol == number && !said[last + 1] &&
		       keys[last + 1].value == keys[last].value + 1)
			last++;
		if (last > at)
			text = arena_printf(
			    arena, "%s%s%u-%u", text, before, keys[at].value, keys[last].value);
		else
			text = arena_printf(arena, "%s%s%u", text, before, keys[at].value);
		memset(said + at, true, last - at + 1);
		before = ",";
	}
	return text;
}

static const char *
say_other(struct arena *arena, const struct wording_key *key)
{
	char protocol[WORDS_PROTOCOL_SIZE];

	words_protocol(key->protocol, protocol);
	if (key->protocol == IPPROTO_ICMP || key->protocol == IPPROTO_ICMPV6)
		return arena_printf(
		    arena, "%s/%u/%u", protocol, key->value >> 8, key->value & 0xff);
	return arena_printf(arena, "%s", protocol);
}

static bool
few_ports(const struct wording_key *keys, uint32_t n, uint8_t protocol)
{
	uint32_t i, met = 0;

	for (i = 0; i < n; i++)
		met += keys[i].protocol == protocol;
	return met <= NAMED_MAX;
}

/* What has a name, by that; the words go to `words`. */
static bool
say_names(struct arena *arena, const struct services *services, const struct wording_key *keys,
    uint32_t n, bool *said, const char **words, uint32_t *n_words)
{
	char protocol[WORDS_PROTOCOL_SIZE];
	const char *name;
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (said[i] || !few_ports(keys, n, keys[i].protocol))
			continue;
		name = name_of(services, &keys[i]);
		if (!name)
			continue;
		if (!take_service(services, name, keys, n, said))
			name = arena_printf(
			    arena, "%s/%s", words_protocol(keys[i].protocol, protocol), name);
		if (!name)
			return false;
		said[i] = true;
		words[(*n_words)++] = name;
	}
	return true;
}

bool
wording(struct arena *arena, const struct services *services, const struct wording_key *keys,
    uint32_t n, const char ***words, uint32_t *n_words)
{
	bool *said = arena_new_of(arena, n, bool);
	const char *word;
	uint32_t i;

	*n_words = 0;
	*words = arena_new_of(arena, n, const char *);
	if (!said || !*words || !say_names(arena, services, keys, n, said, *words, n_words))
		return false;
	for (i = 0; i < n; i++) {
		if (said[i])
			continue;
		word = wording_has_ports(keys[i].protocol) ? say_ports(arena, keys, n, i, said)
							   : say_other(arena, &keys[i]);
		if (!word)
			return false;
		said[i] = true;
		(*words)[(*n_words)++] = word;
	}
	return true;
}
