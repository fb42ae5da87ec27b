/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/label.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "iptables/name.h"

/* Ports are spelled in a name of at most so many bytes. */
#define SPELLED_MAX 32

static uint64_t
hash(const void *bytes, size_t n)
{
	const unsigned char *byte = bytes;
	uint64_t sum = UINT64_C(14695981039346656037); /* FNV-1a */

	while (n--)
		sum = (sum ^ *byte++) * UINT64_C(1099511628211);
	return sum;
}

struct label
label_of(const char *text)
{
	struct label label = { "" };

	snprintf(label.text, sizeof(label.text), "%s", text);
	return label;
}

/* As in the other engine, but for the two characters that nft does not take. A name has no '/' in
 * it before, and no part of six characters behind a '/' is a rule's number, which has four. */
int
label_policies(const struct fence_plan *plan, struct label **labels, struct why *why)
{
	cleanup_free struct chain_name *names = NULL;
	struct label *result;
	char *at;
	uint32_t i;
	int error = chain_names(plan, &names, why);

	if (error)
		return error;
	result = calloc((size_t)plan->n_policies + 1, sizeof(*result));
	if (!result)
		return why_errno(why, ENOMEM, "names of %u chains", (unsigned int)plan->n_policies);
	for (i = 0; i < plan->n_policies; i++) {
		result[i] = label_of(names[i].text);
		for (at = result[i].text; (at = strpbrk(at, ":~")); at++)
			*at = '/';
	}
	*labels = result;
	return 0;
}

struct label
label_part(const struct label *first, const char *part)
{
	struct label label;

	snprintf(label.text, sizeof(label.text), "%.48s/%.14s", first->text, part);
	return label;
}

struct label
label_rule(const struct label *first, uint32_t number)
{
	char part[16];

	snprintf(part, sizeof(part), "%u", (unsigned int)number);
	return label_part(first, part);
}

struct label
label_ports(const struct ports *ports, uint32_t n)
{
	struct label label = { "ports/" };
	size_t used = strlen(label.text);
	uint32_t i;

	for (i = 0; i < n && used < SPELLED_MAX; i++) {
		used += (size_t)snprintf(label.text + used, sizeof(label.text) - used, "%s%u",
		    i ? "." : "", (unsigned int)ports[i].first);
		if (ports[i].first != ports[i].last)
			used += (size_t)snprintf(label.text + used, sizeof(label.text) - used,
			    "-%u", (unsigned int)ports[i].last);
	}
	/* A hash has letters and digits only, and is longer than one port. */
	if (i < n || used > SPELLED_MAX)
		snprintf(label.text, sizeof(label.text), "ports/%016" PRIx64,
		    hash(ports, n * sizeof(*ports)));
	return label;
}

struct label
label_addresses(enum family family, const struct address_range *ranges, uint32_t n)
{
	struct label label;

	snprintf(label.text, sizeof(label.text), "%s/%016" PRIx64,
	    family == FAMILY_IPV4 ? "ipv4" : "ipv6", hash(ranges, n * sizeof(*ranges)));
	return label;
}
