/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules and packets in the words in which rules are written: "allow tcp/80,8000-8080 to
 * 192.0.2.20". The same thing always gets the same words.
 */
#ifndef NETFENCE_VERDICT_WORDS_H
#define NETFENCE_VERDICT_WORDS_H

#include <stdio.h>

#include "verdict/verdict.h"

#define WORDS_ALL UINT32_MAX

/* One range as an address, a prefix or "A-B", into the buffer, which is returned. */
#define WORDS_RANGE_SIZE 96
const char *words_range(
    enum family family, const struct address_range *range, char buffer[WORDS_RANGE_SIZE]);

/* A protocol's name, or its number; into the buffer, which is returned. */
#define WORDS_PROTOCOL_SIZE 8
const char *words_protocol(int protocol, char buffer[WORDS_PROTOCOL_SIZE]);

const char *words_action(enum action action);

/* "10/second"; only with a count. */
#define WORDS_LIMIT_SIZE 24
const char *words_limit(const struct limit *limit, char buffer[WORDS_LIMIT_SIZE]);

/* "tcp/80,8000-8080", "icmp/8", "any"; at most `most` ports. */
void words_one_what(FILE *stream, const struct what *what, uint32_t most);

/* "any", "tcp/22", "[tcp/22, icmp]"; of each list at most `most` members, then "and N more". */
void words_what(FILE *stream, const struct what *what, uint32_t n, uint32_t most);

/* "any", "192.0.2.10, 2001:db8::10 and 7 more". */
void words_to(FILE *stream, const uint32_t n[FAMILIES], struct address_range *const to[FAMILIES],
    uint32_t most);

/* Whether these are all addresses of both families, for which "any" is the word. */
bool words_is_everywhere(const uint32_t n[FAMILIES], struct address_range *const to[FAMILIES]);

/* The whole rule in a line, cut where its lists are long. */
void words_rule(FILE *stream, const struct rule *rule);

/* "tcp/22 to 10.0.0.5". */
void words_packet(FILE *stream, const struct packet *packet);

#endif
