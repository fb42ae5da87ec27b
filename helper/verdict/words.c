/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict/words.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define MOST 6 /* members of a list that has to fit into a line */

static const struct {
	int protocol;
	const char *name;
} protocols[] = {
	{ WHAT_ANY, "any" },
	{ IPPROTO_TCP, "tcp" },
	{ IPPROTO_UDP, "udp" },
	{ IPPROTO_SCTP, "sctp" },
	{ IPPROTO_ICMP, "icmp" },
	{ IPPROTO_ICMPV6, "icmpv6" },
};

const char *
words_protocol(int protocol, char buffer[WORDS_PROTOCOL_SIZE])
{
	size_t i;

	snprintf(buffer, WORDS_PROTOCOL_SIZE, "%u", (unsigned int)protocol & 0xff);
	for (i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		if (protocols[i].protocol == protocol)
			snprintf(buffer, WORDS_PROTOCOL_SIZE, "%s", protocols[i].name);
	}
	return buffer;
}

const char *
words_action(enum action action)
{
	static const char *const words[] = {
		[ACTION_ALLOW] = "allow",
		[ACTION_REJECT] = "reject",
		[ACTION_DROP] = "drop",
	};

	return words[action];
}

const char *
words_limit(const struct limit *limit, char buffer[WORDS_LIMIT_SIZE])
{
	const char *unit = limit->seconds == 1      ? "second"
			   : limit->seconds == 60   ? "minute"
			   : limit->seconds == 3600 ? "hour"
						    : "day";

	snprintf(buffer, WORDS_LIMIT_SIZE, "%u/%s", (unsigned int)limit->count, unit);
	return buffer;
}

/* How long a prefix the range is, or -1: the bits in which its ends differ must be the last ones,
 * all 0 in the first and all 1 in the last. */
static int
prefix_length(enum family family, const struct address_range *range)
{
	int bits = family == FAMILY_IPV4 ? 32 : 128, length = bits, i;

	for (i = 0; i < bits; i++) {
		int first = range->first[i / 8] >> (7 - i % 8) & 1;
		int last = range->last[i / 8] >> (7 - i % 8) & 1;

		if (length == bits && first != last)
			length = i;
		if (length < bits && (first != 0 || last != 1))
			return -1;
	}
	return length;
}

const char *
words_range(enum family family, const struct address_range *range, char buffer[WORDS_RANGE_SIZE])
{
	int af = family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	int length = prefix_length(family, range);
	char first[INET6_ADDRSTRLEN] = "", last[INET6_ADDRSTRLEN] = "";

	inet_ntop(af, range->first, first, sizeof(first));
	inet_ntop(af, range->last, last, sizeof(last));
	if (length < 0)
		snprintf(buffer, WORDS_RANGE_SIZE, "%s-%s", first, last);
	else if (length == (family == FAMILY_IPV4 ? 32 : 128))
		snprintf(buffer, WORDS_RANGE_SIZE, "%s", first);
	else
		snprintf(buffer, WORDS_RANGE_SIZE, "%s/%d", first, length);
	return buffer;
}

static bool
is_whole(enum family family, const struct address_range *range)
{
	return prefix_length(family, range) == 0;
}

bool
words_is_everywhere(const uint32_t n[FAMILIES], struct address_range *const to[FAMILIES])
{
	enum family family;

	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		if (n[family] != 1 || !is_whole(family, to[family]))
			return false;
	}
	return true;
}

void
words_one_what(FILE *stream, const struct what *what, uint32_t most)
{
	char protocol[WORDS_PROTOCOL_SIZE];
	uint32_t i;

	fputs(words_protocol(what->protocol, protocol), stream);
	if (what->icmp_type != WHAT_ANY)
		fprintf(stream, "/%d", what->icmp_type);
	if (what->icmp_type != WHAT_ANY && what->icmp_code != WHAT_ANY)
		fprintf(stream, "/%d", what->icmp_code);
	for (i = 0; i < what->n_ports && i < most; i++) {
		fprintf(stream, "%c%u", i ? ',' : '/', what->ports[i].first);
		if (what->ports[i].last != what->ports[i].first)
			fprintf(stream, "-%u", what->ports[i].last);
	}
	if (i < what->n_ports)
		fprintf(stream, " and %u more", (unsigned int)(what->n_ports - i));
}

void
words_what(FILE *stream, const struct what *what, uint32_t n, uint32_t most)
{
	uint32_t i;

	if (n != 1)
		putc('[', stream);
	for (i = 0; i < n && i < most; i++) {
		if (i)
			fputs(", ", stream);
		words_one_what(stream, &what[i], most);
	}
	if (i < n)
		fprintf(stream, " and %u more", (unsigned int)(n - i));
	if (n != 1)
		putc(']', stream);
}

void
words_to(FILE *stream, const uint32_t n[FAMILIES], struct address_range *const to[FAMILIES],
    uint32_t most)
{
	char buffer[WORDS_RANGE_SIZE];
	uint32_t i, said = 0, all = n[FAMILY_IPV4] + n[FAMILY_IPV6];
	enum family family;

	if (words_is_everywhere(n, to)) {
		fputs("any", stream);
		return;
	}
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		for (i = 0; i < n[family] && said < most; i++)
			fprintf(stream, "%s%s", said++ ? ", " : "",
			    words_range(family, &to[family][i], buffer));
	}
	if (said < all)
		fprintf(stream, " and %u more", (unsigned int)(all - said));
}

void
words_rule(FILE *stream, const struct rule *rule)
{
	char limit[WORDS_LIMIT_SIZE];

	fprintf(stream, "%s ", words_action(rule->action));
	words_what(stream, rule->what, rule->n_what, MOST);
	fputs(" to ", stream);
	words_to(stream, rule->n_to, rule->to, MOST);
	if (rule->interface)
		fprintf(stream, " through %s", rule->interface);
	if (rule->limit.count)
		fprintf(stream, " up to %s", words_limit(&rule->limit, limit));
}

static bool
has_ports(const struct packet *packet)
{
	return packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP ||
	       packet->protocol == IPPROTO_SCTP;
}

void
words_packet(FILE *stream, const struct packet *packet)
{
	char protocol[WORDS_PROTOCOL_SIZE], to[INET6_ADDRSTRLEN] = "";

	inet_ntop(packet->family == FAMILY_IPV4 ? AF_INET : AF_INET6, packet->to, to, sizeof(to));
	words_protocol(packet->protocol, protocol);
	if (has_ports(packet))
		fprintf(stream, "%s/%u", protocol, packet->to_port);
	else if (protocol[0] >= '0' && protocol[0] <= '9')
		fprintf(stream, "protocol %s", protocol);
	else if (packet->icmp_type == VERDICT_UNKNOWN)
		fputs(protocol, stream);
	else if (packet->icmp_code > 0)
		fprintf(stream, "%s/%d/%d", protocol, packet->icmp_type, packet->icmp_code);
	else
		fprintf(stream, "%s/%d", protocol, packet->icmp_type);
	fprintf(stream, " to %s", to);
}
