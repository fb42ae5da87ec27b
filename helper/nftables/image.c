/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/image.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "nftables/attributes.h"
#include "nftables/declaration.h"
#include "nftables/expression.h"

/* How often it is tried to read a table between two changes of others. */
#define TRIES 20

/* An element: a key, and whether it is the first that does not belong to those before. */
struct element {
	uint8_t key[16];
	bool end;
	uint32_t chain;
};

/*
 * A table on its way in. set: whose elements come, `elements` n of them
 */
struct reading {
	struct ruleset *image;
	uint32_t chains_room;
	uint32_t sets_room;
	uint32_t limits_room;
	enum nset_kind kind;
	uint32_t n;
	uint32_t room;
	struct element *elements;
	uint32_t last_chain;
};

static void *
grow(void **array, uint32_t *n, uint32_t *room, size_t size)
{
	uint32_t more;
	void *grown;

	if (*n == *room) {
		more = 2 * *room + 64;
		grown = reallocarray(*array, more, size);
		if (!grown)
			return NULL;
		*array = grown;
		*room = more;
	}
	grown = (char *)*array + (size_t)(*n)++ * size;
	memset(grown, 0, size);
	return grown;
}

static void
find_odd(struct ruleset *image, const char *what, const char *name)
{
	if (!image->odd[0])
		snprintf(image->odd, sizeof(image->odd), "%s%.80s is not ours", what, name);
}

/* Of that type, with a text that has its NUL; else "". */
static const char *
text_of(const struct nlmsghdr *message, uint16_t type)
{
	const struct nlattr *attribute;

	attributes_each(attribute, message) if (mnl_attr_get_type(attribute) == type &&
						mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) ==
						    0) return mnl_attr_get_str(attribute);
	return "";
}

static bool
is_ours(const struct nlmsghdr *message)
{
	/* The table's name is the first attribute of all of them. */
	return mnl_nlmsg_get_payload_len(message) >= sizeof(struct nfgenmsg) &&
	       ((const struct nfgenmsg *)mnl_nlmsg_get_payload(message))->nfgen_family ==
		   NFPROTO_INET &&
	       strcmp(text_of(message, NFTA_TABLE_NAME), LABEL_TABLE) == 0;
}

/* One whose name has no room here is not ours, and told apart from ours by its beginning. */
static struct label
name_of(struct ruleset *image, const char *what, const char *name)
{
	struct label label = label_of(name);

	if (strlen(name) >= sizeof(label.text))
		find_odd(image, what, name);
	return label;
}

static int
take_table(const struct nlmsghdr *message, void *data)
{
	struct reading *reading = data;

	if (!is_ours(message))
		return 0;
	reading->image->there = true;
	if (!declaration_is_table(message))
		find_odd(reading->image, "what the table inet " LABEL_TABLE, " is set to");
	return 0;
}

static int
take_chain(const struct nlmsghdr *message, void *data)
{
	struct reading *reading = data;
	struct ruleset *image = reading->image;
	const char *name = text_of(message, NFTA_CHAIN_NAME);
	struct rchain *chain;

	if (!is_ours(message))
		return 0;
	chain = grow((void **)&image->chains, &image->n_chains, &reading->chains_room,
	    sizeof(*image->chains));
	if (!chain)
		return -ENOMEM;
	chain->name = name_of(image, "chain ", name);
	if (!declaration_read_chain(message, &chain->base))
		find_odd(image, "what is the hook of chain ", name);
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct rchain *left = a, *right = b;

	return strcmp(left->name.text, right->name.text);
}

/* Rules come chain by chain. */
static int
take_rule(const struct nlmsghdr *message, void *data)
{
	struct reading *reading = data;
	struct ruleset *image = reading->image;
	const char *name = text_of(message, NFTA_RULE_CHAIN);
	const struct nlattr *attribute;
	struct bytes *rules;
	size_t size;

	if (!is_ours(message))
		return 0;
	if (reading->last_chain >= image->n_chains ||
	    strcmp(image->chains[reading->last_chain].name.text, name) != 0)
		reading->last_chain = ruleset_find_chain(image, name);
	if (reading->last_chain == RULESET_NO_CHAIN) {
		find_odd(image, "chain ", name);
		return 0;
	}
	rules = &image->chains[reading->last_chain].rules;
	attributes_each(attribute, message)
	{
		if (mnl_attr_get_type(attribute) != NFTA_RULE_EXPRESSIONS)
			continue;
		size = MNL_ALIGN(attribute->nla_len);
		bytes_append(rules, attribute, size);
		if (rules->failed)
			return -ENOMEM;
		expression_forget_counters(rules->data + rules->n - size, size);
	}
	return 0;
}

static int
take_set(const struct nlmsghdr *message, void *data)
{
	struct reading *reading = data;
	struct ruleset *image = reading->image;
	const char *name = text_of(message, NFTA_SET_NAME);
	struct rset *set;

	if (!is_ours(message))
		return 0;
	set =
	    grow((void **)&image->sets, &image->n_sets, &reading->sets_room, sizeof(*image->sets));
	if (!set)
		return -ENOMEM;
	set->name = name_of(image, "set ", name);
	if (!declaration_read_set(message, &set->kind) ||
	    (nset_is_users(set->kind) &&
		strcmp(nset_users_label(set->kind).text, set->name.text) != 0))
		find_odd(image, "set ", name);
	return 0;
}

static int
by_set_name(const void *a, const void *b)
{
	const struct rset *left = a, *right = b;

	return strcmp(left->name.text, right->name.text);
}

static int
take_limit(const struct nlmsghdr *message, void *data)
{
	struct reading *reading = data;
	struct ruleset *image = reading->image;
	const char *name = text_of(message, NFTA_OBJ_NAME);
	struct label *limit;

	if (!is_ours(message))
		return 0;
	limit = grow((void **)&image->limits, &image->n_limits, &reading->limits_room,
	    sizeof(*image->limits));
	if (!limit)
		return -ENOMEM;
	*limit = name_of(image, "limit ", name);
	if (!declaration_is_limit(message))
		find_odd(image, "limit ", name);
	return 0;
}

static int
by_label(const void *a, const void *b)
{
	const struct label *left = a, *right = b;

	return strcmp(left->text, right->text);
}

/* ---------------------------------------------------------------- elements */

static const struct nlattr *
find(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attribute;

	if (nest)
		attributes_each_in(
		    attribute, nest) if (mnl_attr_get_type(attribute) == type) return attribute;
	return NULL;
}

/* To which chain a verdict goes. */
static uint32_t
chain_of(struct reading *reading, const struct nlattr *data)
{
	const struct nlattr *verdict = find(data, NFTA_DATA_VERDICT);
	const struct nlattr *code = find(verdict, NFTA_VERDICT_CODE);
	const struct nlattr *chain = find(verdict, NFTA_VERDICT_CHAIN);
	const char *name;

	if (!code || mnl_attr_get_payload_len(code) != sizeof(uint32_t) || !chain ||
	    mnl_attr_validate(chain, MNL_TYPE_NUL_STRING) != 0 ||
	    ntohl(mnl_attr_get_u32(code)) != (uint32_t)NFT_GOTO)
		return RULESET_NO_CHAIN;
	name = mnl_attr_get_str(chain);
	/* Many go to one. */
	if (reading->last_chain >= reading->image->n_chains ||
	    strcmp(reading->image->chains[reading->last_chain].name.text, name) != 0)
		reading->last_chain = ruleset_find_chain(reading->image, name);
	return reading->last_chain;
}

static int
take_element(struct reading *reading, const struct nlattr *attribute)
{
	const struct nlattr *key = find(find(attribute, NFTA_SET_ELEM_KEY), NFTA_DATA_VALUE);
	const struct nlattr *flags = find(attribute, NFTA_SET_ELEM_FLAGS);
	const struct nlattr *data = find(attribute, NFTA_SET_ELEM_DATA);
	const uint32_t size = declaration_key_size(reading->kind);
	const uint32_t is = flags && mnl_attr_get_payload_len(flags) == sizeof(uint32_t)
				? ntohl(mnl_attr_get_u32(flags))
				: 0;
	const bool rest = is == NFT_SET_ELEM_CATCHALL && nset_is_users(reading->kind);
	struct element *element;

	/* One for all other keys has none; one may have expressions, or end, and is not ours then.
	 */
	if ((rest ? key != NULL : !key || mnl_attr_get_payload_len(key) != size) ||
	    find(attribute, NFTA_SET_ELEM_EXPR) || find(attribute, NFTA_SET_ELEM_EXPRESSIONS) ||
	    find(attribute, NFTA_SET_ELEM_TIMEOUT)) {
		find_odd(reading->image, "an element", "");
		return 0;
	}
	if (rest) {
		reading->image->rest_there = true;
		reading->image->rest = chain_of(reading, data);
		return 0;
	}
	element = grow(
	    (void **)&reading->elements, &reading->n, &reading->room, sizeof(*reading->elements));
	if (!element)
		return -ENOMEM;
	memcpy(element->key, mnl_attr_get_payload(key), size);
	element->end = is & NFT_SET_ELEM_INTERVAL_END;
	element->chain = data ? chain_of(reading, data) : RULESET_NO_CHAIN;
	return 0;
}

static int
take_elements(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *list, *element;
	int error = 0;

	if (!is_ours(message))
		return 0;
	attributes_each(list, message)
	{
		if (mnl_attr_get_type(list) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		attributes_each_in(element, list)
		{
			error = take_element(data, element);
			if (error)
				return error;
		}
	}
	return 0;
}

/* Where one range ends and the next begins, the end comes first. */
static int
by_key(const void *a, const void *b)
{
	const struct element *left = a, *right = b;
	int order = memcmp(left->key, right->key, sizeof(left->key));

	return order ? order : (int)right->end - (int)left->end;
}

/* The last key before the first that does not belong. */
static void
set_last(uint8_t *last, const struct element *end, uint32_t size)
{
	memset(last, 0, 16);
	memset(last, 0xff, size);
	if (!end)
		return;
	memcpy(last, end->key, size);
	while (size-- && last[size]-- == 0)
		;
}

static uint32_t
number_of(const uint8_t *key)
{
	uint32_t number;

	memcpy(&number, key, sizeof(number));
	return ntohl(number);
}

/* The elements that were read, as spans or, of the maps, members. */
static int
take_in(struct reading *reading, struct rset *set)
{
	struct ruleset *image = reading->image;
	const bool users = nset_is_users(set->kind), map = users || set->kind == NSET_RANGES;
	const uint32_t size = declaration_key_size(set->kind);
	struct member *members;
	uint32_t i, uid;

	if (map) {
		members = reallocarray(
		    image->members, (size_t)image->n_members + reading->n + 1, sizeof(*members));
		if (!members)
			return -ENOMEM;
		image->members = members;
	} else {
		set->spans = calloc((size_t)reading->n + 1, sizeof(*set->spans));
		if (!set->spans)
			return -ENOMEM;
	}
	if (!users && reading->n)
		qsort(reading->elements, reading->n, sizeof(*reading->elements), by_key);
	for (i = 0; i < reading->n; i++) {
		const struct element *element = &reading->elements[i];
		const struct element *next = i + 1 < reading->n ? element + 1 : NULL;
		struct address_range span = { { 0 }, { 0 } };

		if (users) {
			memcpy(&uid, element->key, sizeof(uid));
			image->members[image->n_members++] =
			    (struct member){ uid, uid, element->chain };
			continue;
		}
		if (element->end)
			continue;
		memcpy(span.first, element->key, size);
		set_last(span.last, next, size);
		if (map)
			image->members[image->n_members++] = (struct member){ number_of(span.first),
				number_of(span.last), element->chain };
		else
			set->spans[set->n++] = span;
	}
	return 0;
}

static int
by_uid(const void *a, const void *b)
{
	const struct member *left = a, *right = b;

	return (left->first > right->first) - (left->first < right->first);
}

static int
read_elements(struct link *link, struct reading *reading, struct rset *set, struct why *why)
{
	int error;

	if (!declaration_has_elements(set->kind))
		return 0;
	reading->kind = set->kind;
	reading->n = 0;
	error = link_dump(link, NFT_MSG_GETSETELEM, set->name.text, take_elements, reading, why);
	if (!error && take_in(reading, set) < 0)
		error = why_errno(why, ENOMEM, "nftables: set %s", set->name.text);
	return error;
}

/* ---------------------------------------------------------------- the whole */

/* A uid below LAYOUT_RANGES in the map of ranges, or the other way round, would be looked for in
 * the wrong one. */
static void
check_members(struct ruleset *image, uint32_t from, const struct rset *set)
{
	uint32_t i;

	for (i = from; i < image->n_members; i++)
		if ((image->members[i].first >= LAYOUT_RANGES) != (set->kind == NSET_RANGES))
			find_odd(image, "an element of ", set->name.text);
}

static int
read_chains(struct link *link, struct reading *reading, struct why *why)
{
	struct ruleset *image = reading->image;
	int error = link_dump(link, NFT_MSG_GETTABLE, NULL, take_table, reading, why);

	if (error || !image->there)
		return error;
	error = link_dump(link, NFT_MSG_GETCHAIN, NULL, take_chain, reading, why);
	if (error)
		return error;
	if (image->n_chains)
		qsort(image->chains, image->n_chains, sizeof(*image->chains), by_name);
	return link_dump(link, NFT_MSG_GETRULE, NULL, take_rule, reading, why);
}

static int
read_all(struct link *link, struct reading *reading, struct why *why)
{
	struct ruleset *image = reading->image;
	uint32_t i, before;
	int error = read_chains(link, reading, why);

	if (error || !image->there)
		return error;
	error = link_dump(link, NFT_MSG_GETSET, NULL, take_set, reading, why);
	if (!error)
		error = link_dump(link, NFT_MSG_GETOBJ, NULL, take_limit, reading, why);
	if (error)
		return error;
	if (image->n_sets)
		qsort(image->sets, image->n_sets, sizeof(*image->sets), by_set_name);
	if (image->n_limits)
		qsort(image->limits, image->n_limits, sizeof(*image->limits), by_label);
	/* What is odd is thrown away with all that is in it. */
	for (i = 0; !error && !image->odd[0] && i < image->n_sets; i++) {
		if (nset_is_users(image->sets[i].kind) && image->sets[i].kind != image->users)
			continue;
		before = image->n_members;
		error = read_elements(link, reading, &image->sets[i], why);
		check_members(image, before, &image->sets[i]);
	}
	if (image->n_members)
		qsort(image->members, image->n_members, sizeof(*image->members), by_uid);
	return error;
}

int
image_read_chains(struct link *link, struct ruleset *image, struct why *why)
{
	struct reading reading = { .image = image, .last_chain = RULESET_NO_CHAIN };

	*image = (struct ruleset){ 0 };
	return read_chains(link, &reading, why);
}

int
image_read(struct link *link, enum nset_kind users, struct ruleset *image, uint32_t *generation,
    struct why *why)
{
	struct reading reading = { .image = image, .last_chain = RULESET_NO_CHAIN };
	uint32_t after;
	int error, tries;

	*image = (struct ruleset){ 0 };
	for (tries = 0; tries < TRIES; tries++) {
		ruleset_clear(image);
		image->users = users;
		reading = (struct reading){ .image = image,
			.last_chain = RULESET_NO_CHAIN,
			.elements = reading.elements,
			.room = reading.room };
		error = link_generation(link, generation, why);
		if (!error)
			error = read_all(link, &reading, why);
		if (!error)
			error = link_generation(link, &after, why);
		/* A table, or a set, can go between one question and the next. */
		if (error && error != -EINTR && error != -ENOENT)
			break;
		if (!error && after == *generation)
			break;
		error = why_set(why, EAGAIN, "nftables: others keep changing tables");
	}
	free(reading.elements);
	return error;
}

static int
held_in(struct link *link, struct reading *reading, enum nset_kind kind, struct why *why)
{
	struct rset set = {
		.name = nset_is_users(kind) ? nset_users_label(kind) : label_of(LABEL_RANGES),
		.kind = kind,
	};
	int error = read_elements(link, reading, &set, why);

	/* No table, no map. */
	return error == -ENOENT ? 0 : error;
}

int
image_held(struct link *link, struct plan *plan, struct why *why)
{
	struct ruleset image = { 0 };
	struct reading reading = { .image = &image, .last_chain = RULESET_NO_CHAIN };
	enum nset_kind kind;
	uint32_t i;
	int error = -EINTR, tries;

	for (tries = 0; error == -EINTR && tries < TRIES; tries++) {
		image.n_members = 0;
		error = held_in(link, &reading, NSET_RANGES, why);
		for (kind = NSET_USERS; !error && nset_is_users(kind); kind++)
			error = held_in(link, &reading, kind, why);
	}
	for (i = 0; !error && i < image.n_members; i++)
		plan_add(plan, image.members[i].first, image.members[i].last, 0);
	if (!error && plan->failed)
		error = why_errno(why, ENOMEM, "nftables: who is fenced");
	free(reading.elements);
	ruleset_clear(&image);
	return error;
}
