/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/define.h"

#include <string.h>

#include "policy/keys.h"

#define EXAMPLE "an address, a prefix, a range A-B, a name from 'define', or a list of them"

/* What is being put together, and for which name; none for a rule's `to`. */
struct gathering {
	struct addresses *addresses;
	struct entry *entry;
	unsigned int depth;
};

static int resolve(struct reader *reader, struct entry *entry, unsigned int depth);

static int
unknown(struct reader *reader, const struct node *value)
{
	const char *name = value->text;
	struct nearest nearest = { .wanted = name };

	if (reader->open)
		return -EINVAL;
	if (strcmp(name, "all") == 0 || strcmp(name, "everywhere") == 0)
		return report_error(
		    reader->reporter, value->mark, "'%s' is not defined: write 'any'", name);
	if (strcmp(name, "nameservers") == 0 || strcmp(name, "nameserver") == 0 ||
	    strcmp(name, "dns") == 0)
		return report_error(
		    reader->reporter, value->mark, "'%s' is not defined: write 'resolvers'", name);
	if (strcmp(name, "localhost") == 0)
		return report_error(reader->reporter, value->mark,
		    "'localhost' is a host name; what may reach this host itself says 'loopback'");
	if (strchr(name, '.'))
		return report_error(reader->reporter, value->mark,
		    "'%s' is a host name: rules know addresses only (give its addresses a name "
		    "under 'define')",
		    quote(name).text);
	nearest_offer(&nearest, "resolvers");
	nearest_offer_all(&nearest, reader->define.names);
	if (nearest.best)
		return report_error(reader->reporter, value->mark,
		    "'%s' is not defined: did you mean '%s'?", quote(name).text, nearest.best);
	return report_error(reader->reporter, value->mark,
	    "'%s' is not defined: neither an address nor a name under 'define'", quote(name).text);
}

/* The names from `entry` around to itself again. */
static int
circle(struct reader *reader, const struct node *value, const struct entry *entry)
{
	return report_error(reader->reporter, value->mark,
	    "'%s' goes round in a circle: it is already being asked for at %s",
	    quote(value->text).text, place(entry->mark).text);
}

static int
gather_name(struct reader *reader, const struct node *value, struct gathering *gathering,
    struct entry *entry)
{
	int result;

	if (entry->progress == PROGRESS_BUSY)
		return circle(reader, value, entry);
	if (gathering->depth == DOCUMENT_DEPTH_MAX ||
	    (entry->progress == PROGRESS_GOOD && gathering->entry &&
		entry->height >= DOCUMENT_DEPTH_MAX))
		return report_error(reader->reporter, value->mark,
		    "names of names of addresses more than %d deep", DOCUMENT_DEPTH_MAX);
	result = resolve(reader, entry, gathering->depth + 1);
	if (result)
		return result;
	if (gathering->entry && gathering->entry->height <= entry->height)
		gathering->entry->height = entry->height + 1;
	if (reader->expanded > EXPANDED_MAX)
		return -EINVAL; /* said once */
	reader->expanded += entry->addresses.n[FAMILY_IPV4] + entry->addresses.n[FAMILY_IPV6];
	if (reader->expanded > EXPANDED_MAX)
		return report_error(reader->reporter, value->mark,
		    "too many addresses: at most %d in all", POLICY_ADDRESSES_MAX);
	gathering->addresses->followed |= entry->addresses.followed;
	return addresses_add_all(reader->arena, gathering->addresses, &entry->addresses);
}

/* Whether one of them is this host's loopback. */
static bool
is_local(const struct addresses *addresses)
{
	static const uint8_t local[16] = { [15] = 1 };
	uint32_t i;

	for (i = 0; i < addresses->n[FAMILY_IPV4]; i++) {
		if (addresses->ranges[FAMILY_IPV4][i].first[0] == 127)
			return true;
	}
	for (i = 0; i < addresses->n[FAMILY_IPV6]; i++) {
		if (memcmp(addresses->ranges[FAMILY_IPV6][i].first, local, sizeof(local)) == 0)
			return true;
	}
	return false;
}

/* A missing server is no error: resolv.conf is not the administrator's alone, and rules that were
 * good must not become unusable with it. */
static int
gather_resolvers(struct reader *reader, const struct node *value, struct gathering *gathering)
{
	const struct addresses *resolvers = &reader->resolvers;
	int result = 0;

	gathering->addresses->followed = true;
	reader->expanded += resolvers->n[FAMILY_IPV4] + resolvers->n[FAMILY_IPV6];
	if (!reader->resolvers_named && !resolvers->n[FAMILY_IPV4] && !resolvers->n[FAMILY_IPV6])
		result = report_warning(reader->reporter, value->mark,
		    "%s names no server now: until it does, 'resolvers' is nobody",
		    reader->resolv_conf);
	else if (!reader->resolvers_named && is_local(resolvers))
		result = report_warning(reader->reporter, value->mark,
		    "%s names a server on this host: 'loopback' decides who reaches it, and what "
		    "it asks for others is not the user's traffic",
		    reader->resolv_conf);
	reader->resolvers_named = true;
	return worse(result, addresses_add_all(reader->arena, gathering->addresses, resolvers));
}

static int
gather(struct reader *reader, const struct node *value, void *into)
{
	struct gathering *gathering = into;
	struct address_range range = { .first = { 0 } };
	enum family family = FAMILY_IPV4;
	struct entry *entry;
	struct why why;

	if (strcmp(value->text, "any") == 0)
		return addresses_add_any(reader->arena, gathering->addresses);
	if (strcmp(value->text, "resolvers") == 0)
		return gather_resolvers(reader, value, gathering);
	entry = names_get(reader->define.names, value->text);
	if (entry)
		return gather_name(reader, value, gathering, entry);
	if (!address_meant(value->text) && !strpbrk(value->text, " ,;\t\n"))
		return unknown(reader, value);
	if (address_parse(value->text, &family, &range, &why))
		return report_error(reader->reporter, value->mark, "%s", why.text);
	return addresses_add(reader->arena, gathering->addresses, family, &range);
}

static int
resolve(struct reader *reader, struct entry *entry, unsigned int depth)
{
	struct gathering gathering = {
		.addresses = &entry->addresses,
		.entry = entry,
		.depth = depth,
	};
	int result;

	if (entry->progress == PROGRESS_BAD)
		return -EINVAL;
	if (entry->progress == PROGRESS_GOOD)
		return 0;
	entry->progress = PROGRESS_BUSY;
	entry->height = 1;
	result = keys_each_text(reader, entry->value, EXAMPLE, gather, &gathering);
	addresses_merge(&entry->addresses);
	entry->progress = result ? PROGRESS_BAD : PROGRESS_GOOD;
	return result;
}

int
define_all(struct reader *reader)
{
	struct entry *entry;
	int result = 0;

	for (entry = reader->define.first; entry; entry = entry->next)
		result = worse(result, resolve(reader, entry, 1));
	return result;
}

int
define_read_to(struct reader *reader, const struct node *value, struct addresses *addresses)
{
	struct gathering gathering = { .addresses = addresses };
	int result = keys_each_text(reader, value, "'any', " EXAMPLE, gather, &gathering);

	addresses_merge(addresses);
	return result;
}
