/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/xtable.h"

/* Before the kernel's headers, which then leave its definitions alone. */
#include <netinet/in.h>

#include <errno.h>
#include <limits.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/room.h"

#define TABLE "filter"

/* How often a table is read that changes between the question for its size and the reading. */
#define TRIES 10

/* Both families use the same requests under the same numbers; only the protocol differs. */
_Static_assert(sizeof(struct ipt_replace) == sizeof(struct ip6t_replace), "replace");
_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo), "getinfo");
_Static_assert(sizeof(struct ipt_get_entries) == sizeof(struct ip6t_get_entries), "get_entries");
_Static_assert((int)IPT_SO_SET_REPLACE == (int)IP6T_SO_SET_REPLACE, "SET_REPLACE");
_Static_assert((int)IPT_SO_SET_ADD_COUNTERS == (int)IP6T_SO_SET_ADD_COUNTERS, "ADD_COUNTERS");
_Static_assert((int)IPT_SO_GET_INFO == (int)IP6T_SO_GET_INFO, "GET_INFO");
_Static_assert((int)IPT_SO_GET_ENTRIES == (int)IP6T_SO_GET_ENTRIES, "GET_ENTRIES");
_Static_assert(NF_INET_NUMHOOKS == XTABLE_HOOKS, "hooks");

/* Room before the entries for the header of either request. */
#define HEADER sizeof(struct ipt_replace)
_Static_assert(
    HEADER >= sizeof(struct ipt_get_entries) && HEADER % alignof(struct ipt_entry) == 0, "header");

/* Where the parts of an entry's header lie. */
struct shape {
	size_t size;
	size_t target_offset;
	size_t next_offset;
	size_t comefrom;
	size_t counters;
};

static const struct shape shapes[FAMILIES] = {
	{ sizeof(struct ipt_entry), offsetof(struct ipt_entry, target_offset),
	    offsetof(struct ipt_entry, next_offset), offsetof(struct ipt_entry, comefrom),
	    offsetof(struct ipt_entry, counters) },
	{ sizeof(struct ip6t_entry), offsetof(struct ip6t_entry, target_offset),
	    offsetof(struct ip6t_entry, next_offset), offsetof(struct ip6t_entry, comefrom),
	    offsetof(struct ip6t_entry, counters) },
};

static int
level(enum family family)
{
	return family == FAMILY_IPV4 ? IPPROTO_IP : IPPROTO_IPV6;
}

static int
failed(enum family family, const char *what, struct why *why)
{
	const char *name = family == FAMILY_IPV4 ? "IPv4" : "IPv6";
	int error = errno ? errno : EPROTO;

	switch (error) {
	case EAFNOSUPPORT:
		return why_set(why, error, "the kernel has no %s", name);
	case EPERM:
		return why_set(why, error,
		    "%s table " TABLE ": %s: CAP_NET_RAW or CAP_NET_ADMIN is missing", name, what);
	case ENOPROTOOPT:
		return why_set(why, error, "the kernel has no %s tables: load %s", name,
		    family == FAMILY_IPV4 ? "ip_tables" : "ip6_tables");
	default:
		return why_errno(why, error, "%s table " TABLE ": %s", name, what);
	}
}

int
xtable_socket(enum family family, int *fd, struct why *why)
{
	*fd = socket(
	    family == FAMILY_IPV4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	return *fd < 0 ? failed(family, "socket", why) : 0;
}

static int
get_info(int fd, enum family family, struct ipt_getinfo *info, struct why *why)
{
	socklen_t size = sizeof(*info);

	*info = (struct ipt_getinfo){ .name = TABLE };
	if (getsockopt(fd, level(family), IPT_SO_GET_INFO, info, &size) == 0)
		return 0;
	if (errno == ENOENT)
		return why_set(why, ENOENT, "the kernel has no %s table " TABLE ": load %s",
		    family == FAMILY_IPV4 ? "IPv4" : "IPv6",
		    family == FAMILY_IPV4 ? "iptable_filter" : "ip6table_filter");
	return failed(family, "read", why);
}

int
xtable_count(int fd, enum family family, uint32_t *n_entries, uint32_t *size, struct why *why)
{
	struct ipt_getinfo info;
	int error = get_info(fd, family, &info, why);

	if (error)
		return error;
	*n_entries = info.num_entries;
	*size = info.size;
	return 0;
}

void
xtable_free(struct xtable *table)
{
	free(table->memory);
	free(table->chains);
	*table = (struct xtable){ .family = table->family };
}

/* Keeps what is there. */
static bool
reserve(struct xtable *table, uint32_t size)
{
	unsigned char *memory;

	if (size <= table->room && table->memory)
		return true;
	if (size > INT32_MAX / 2)
		return false;
	size += size / 2; /* not for every few entries */
	memory = realloc(table->memory, HEADER + size);
	if (!memory)
		return false;
	table->memory = memory;
	table->entries = memory + HEADER;
	table->room = size;
	return true;
}

bool
xtable_append(struct xtable *table, const void *bytes, uint32_t size, uint32_t n, uint32_t *offset)
{
	if (size > INT32_MAX / 2 || !reserve(table, table->size + size))
		return false;
	memcpy(table->entries + table->size, bytes, size);
	if (offset)
		*offset = table->size;
	table->size += size;
	table->n_entries += n;
	return true;
}

/* One try. 1: the table was changed after the question for its size. */
static int
read_once(int fd, struct xtable *table, struct why *why)
{
	struct ipt_get_entries request = { .name = TABLE };
	struct ipt_getinfo info;
	unsigned char *buffer;
	socklen_t length;
	int error = get_info(fd, table->family, &info, why);

	if (error)
		return error;
	if (!reserve(table, info.size))
		return why_errno(why, ENOMEM, "a table of %u bytes", info.size);
	/* The kernel leaves what follows a name's NUL as it finds it. */
	memset(table->entries, 0, info.size);
	buffer = table->entries - sizeof(request);
	length = (socklen_t)(sizeof(request) + info.size);
	request.size = info.size;
	memcpy(buffer, &request, sizeof(request));
	if (getsockopt(fd, level(table->family), IPT_SO_GET_ENTRIES, buffer, &length) < 0)
		return errno == EAGAIN ? 1 : failed(table->family, "read", why);
	table->valid_hooks = info.valid_hooks;
	memcpy(table->hook_entry, info.hook_entry, sizeof(info.hook_entry));
	memcpy(table->underflow, info.underflow, sizeof(info.underflow));
	table->n_entries = info.num_entries;
	table->size = info.size;
	table->n_chains = 0;
	return 0;
}

int
xtable_read(int fd, struct xtable *table, struct why *why)
{
	int i, result = 1;

	for (i = 0; i < TRIES && result == 1; i++)
		result = read_once(fd, table, why);
	return result == 1 ? why_set(why, EAGAIN, "a table changes all the time") : result;
}

/* The kernel gives back the counters of all entries at the moment when it takes the new ones,
 * which begin at zero; what was counted until then is added to what has been counted since. */
static void
add_counters(int fd, const struct xtable *table, const struct xt_counters *old, uint32_t n_old,
    const uint32_t *from)
{
	cleanup_free struct xt_counters_info *info = NULL;
	size_t size = sizeof(*info) + table->n_entries * sizeof(info->counters[0]);
	uint32_t i;

	info = calloc(1, size);
	if (!info)
		return;
	strcpy(info->name, TABLE);
	info->num_counters = table->n_entries;
	for (i = 0; i < table->n_entries; i++)
		if (from[i] < n_old)
			info->counters[i] = old[from[i]];
	setsockopt(fd, level(table->family), IPT_SO_SET_ADD_COUNTERS, info, (socklen_t)size);
}

int
xtable_write(
    int fd, const struct xtable *table, uint32_t n_old, const uint32_t *from, struct why *why)
{
	cleanup_free struct xt_counters *old = calloc((size_t)n_old + 1, sizeof(*old));
	struct ipt_replace replace = {
		.name = TABLE,
		.valid_hooks = table->valid_hooks,
		.num_entries = table->n_entries,
		.size = table->size,
		.num_counters = n_old,
		.counters = old,
	};

	if (!old)
		return why_errno(why, ENOMEM, "counters");
	memcpy(replace.hook_entry, table->hook_entry, sizeof(replace.hook_entry));
	memcpy(replace.underflow, table->underflow, sizeof(replace.underflow));
	memcpy(table->memory, &replace, sizeof(replace));
	if (setsockopt(fd, level(table->family), IPT_SO_SET_REPLACE, table->memory,
		(socklen_t)(HEADER + table->size)) < 0)
		return failed(table->family, "commit", why);
	add_counters(fd, table, old, n_old, from);
	return 0;
}

static uint32_t
field(const struct xtable *table, uint32_t offset, size_t where)
{
	uint16_t value;

	memcpy(&value, table->entries + offset + where, sizeof(value));
	return value;
}

uint32_t
xtable_entry_size(const struct xtable *table, uint32_t offset)
{
	return field(table, offset, shapes[table->family].next_offset);
}

uint32_t
xtable_entry_target(const struct xtable *table, uint32_t offset)
{
	return field(table, offset, shapes[table->family].target_offset);
}

const char *
xtable_target_name(const struct xtable *table, uint32_t offset)
{
	return (const char *)table->entries + offset + xtable_entry_target(table, offset) +
	       offsetof(struct xt_entry_target, u.user.name);
}

static unsigned char *
verdict_of(const struct xtable *table, uint32_t offset)
{
	return table->entries + offset + xtable_entry_target(table, offset) +
	       offsetof(struct xt_standard_target, verdict);
}

int32_t
xtable_verdict(const struct xtable *table, uint32_t offset)
{
	int32_t verdict;

	memcpy(&verdict, verdict_of(table, offset), sizeof(verdict));
	return verdict;
}

void
xtable_set_verdict(struct xtable *table, uint32_t offset, int32_t verdict)
{
	memcpy(verdict_of(table, offset), &verdict, sizeof(verdict));
}

bool
xtable_same(const struct xtable *one, const struct xtable *other)
{
	const struct shape *shape = &shapes[one->family];
	size_t rest = shape->counters + sizeof(struct xt_counters);
	uint32_t offset, size;

	if (one->size != other->size || one->n_entries != other->n_entries ||
	    memcmp(one->hook_entry, other->hook_entry, sizeof(one->hook_entry)) != 0 ||
	    memcmp(one->underflow, other->underflow, sizeof(one->underflow)) != 0)
		return false;
	for (offset = 0; offset < one->size; offset += size) {
		size = xtable_entry_size(one, offset);
		if (size < rest || size > one->size - offset ||
		    memcmp(one->entries + offset, other->entries + offset, shape->comefrom) != 0 ||
		    memcmp(one->entries + offset + rest, other->entries + offset + rest,
			size - rest) != 0)
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------- chains */

static const char *const hook_names[XTABLE_HOOKS] = { "PREROUTING", "INPUT", "FORWARD", "OUTPUT",
	"POSTROUTING" };

static uint32_t
hook_at(const struct xtable *table, uint32_t offset)
{
	uint32_t hook;

	for (hook = 0; hook < XTABLE_HOOKS; hook++) {
		if (table->valid_hooks & 1u << hook && table->hook_entry[hook] == offset)
			return hook;
	}
	return XTABLE_HOOKS;
}

static struct xtable_chain *
new_chain(struct xtable *table)
{
	struct xtable_chain *chains =
	    room_for(table->chains, table->n_chains, &table->chains_room, sizeof(*chains));

	if (!chains)
		return NULL;
	table->chains = chains;
	return &chains[table->n_chains++];
}

/* Whether an entry lies in the table, whole, with a target in it. */
static bool
is_whole(const struct xtable *table, uint32_t offset)
{
	uint32_t left = table->size - offset, size, target;

	if (left < shapes[table->family].size)
		return false;
	size = xtable_entry_size(table, offset);
	target = xtable_entry_target(table, offset);
	return size <= left && target >= shapes[table->family].size &&
	       target + sizeof(struct xt_standard_target) <= size;
}

int
xtable_find_chains(struct xtable *table, struct why *why)
{
	struct xtable_chain *chain = NULL;
	uint32_t offset, size, hook, number = 0, last = 0;
	bool head;

	table->n_chains = 0;
	for (offset = 0; offset < table->size; offset += size, number++) {
		if (!is_whole(table, offset))
			return why_set(why, EPROTO, "a table cannot be understood");
		size = xtable_entry_size(table, offset);
		hook = hook_at(table, offset);
		head = strcmp(xtable_target_name(table, offset), XT_ERROR_TARGET) == 0;
		if (hook < XTABLE_HOOKS || head) {
			/* What came last before it ends the chain before it. */
			if (chain) {
				chain->end = last;
				chain->n =
				    number - chain->number - 1 - (chain->hook == XTABLE_HOOKS);
			}
			chain = new_chain(table);
			if (!chain)
				return why_errno(why, ENOMEM, "chains");
			*chain = (struct xtable_chain){ .hook = hook,
				.begin = offset,
				.first = head ? offset + size : offset,
				.number = number };
			chain->name = head ? (const char *)table->entries + offset +
						 xtable_entry_target(table, offset) +
						 offsetof(struct xt_error_target, errorname)
					   : hook_names[hook];
		}
		last = offset;
	}
	/* The table's own end looks like the head of a chain, and is none. */
	if (!chain || chain->begin != last || strcmp(chain->name, XT_ERROR_TARGET) != 0)
		return why_set(why, EPROTO, "a table has no end");
	table->n_chains--;
	return 0;
}

/* An entry that matches everything, with a target of `size` bytes. */
static void
make(enum family family, const char *name, size_t size, struct entry *entry)
{
	const struct shape *shape = &shapes[family];
	struct xt_entry_target target = { .u.user.target_size = (uint16_t)size };
	uint16_t offset = (uint16_t)shape->size;
	uint16_t next = (uint16_t)(shape->size + size);

	strncpy(target.u.user.name, name, sizeof(target.u.user.name) - 1);
	memset(entry->bytes, 0, next);
	memcpy(entry->bytes + shape->target_offset, &offset, sizeof(offset));
	memcpy(entry->bytes + shape->next_offset, &next, sizeof(next));
	memcpy(entry->bytes + shape->size, &target, sizeof(target));
	entry->size = next;
}

void
xtable_make_head(enum family family, const char *name, struct entry *entry)
{
	make(family, XT_ERROR_TARGET, XT_ALIGN(sizeof(struct xt_error_target)), entry);
	strncpy((char *)entry->bytes + shapes[family].size +
		    offsetof(struct xt_error_target, errorname),
	    name, XT_FUNCTION_MAXNAMELEN - 1);
}

void
xtable_make_return(enum family family, struct entry *entry)
{
	make(family, XT_STANDARD_TARGET, XT_ALIGN(sizeof(struct xt_standard_target)), entry);
	entry_lead_to(entry, family, XT_RETURN);
}
