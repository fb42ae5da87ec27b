/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before the kernel's headers, which then leave its definitions alone. */
#include <netinet/in.h>

#include "iptables/policies.h"

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

static bool
read_policy(struct snapshot *snapshot, const char *chain, struct xt_counters *counters)
{
	if (snapshot->family == FAMILY_IPV4)
		return iptc_get_policy(chain, counters, snapshot->handle) != NULL;
	return ip6tc_get_policy(chain, counters, snapshot->handle) != NULL;
}

void
policies_read(struct snapshot *snapshot, struct policies *policies)
{
	struct xt_counters counters;
	const char *chain;

	*policies = (struct policies){ 0 };
	for (chain = snapshot_first_chain(snapshot); chain && policies->n < POLICIES_MAX;
	     chain = snapshot_next_chain(snapshot)) {
		if (!read_policy(snapshot, chain, &counters))
			continue;
		policies->counters[policies->n].packets = counters.pcnt;
		policies->counters[policies->n].bytes = counters.bcnt;
		policies->n++;
	}
}

/* Counters only grow: one that has become less was set to zero, and then all were. A libiptc that
 * keeps them would show none. */
static bool
were_zeroed(const struct policies *now, const struct policies *before)
{
	unsigned int i;

	for (i = 0; i < now->n && i < before->n; i++) {
		if (now->counters[i].packets < before->counters[i].packets)
			return true;
	}
	return false;
}

static uint32_t
count_rules(struct snapshot *snapshot, const char *chain)
{
	const void *rule;
	uint32_t n = 0;

	for (rule = snapshot_first_rule(snapshot, chain); rule;
	     rule = snapshot_next_rule(snapshot, rule))
		n++;
	return n;
}

/* Where the policies' hidden rules stand among all entries of the table; how many entries there
 * are: a built-in chain's rules and its policy, another's name, rules and end, one at the end. */
static uint32_t
find_entries(struct snapshot *snapshot, uint32_t *indices)
{
	struct xt_counters ignored;
	const char *chain;
	uint32_t entries = 0;
	unsigned int n = 0;

	for (chain = snapshot_first_chain(snapshot); chain; chain = snapshot_next_chain(snapshot)) {
		if (!read_policy(snapshot, chain, &ignored)) {
			entries += count_rules(snapshot, chain) + 2;
			continue;
		}
		entries += count_rules(snapshot, chain);
		if (n < POLICIES_MAX)
			indices[n++] = entries;
		entries++;
	}
	return entries + 1;
}

/* The kernel adds these to the counters that it has, under its own lock, and refuses them if the
 * number of entries is another. */
static void
add_counters(enum family family, const struct xt_counters_info *info, size_t size)
{
	bool ipv4 = family == FAMILY_IPV4;
	cleanup_fd int fd = socket(ipv4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0)
		return;
	if (ipv4)
		setsockopt(fd, IPPROTO_IP, IPT_SO_SET_ADD_COUNTERS, info, (socklen_t)size);
	else
		setsockopt(fd, IPPROTO_IPV6, IP6T_SO_SET_ADD_COUNTERS, info, (socklen_t)size);
}

void
policies_restore(struct snapshot *now, const struct policies *before)
{
	cleanup_free struct xt_counters_info *info = NULL;
	struct policies current;
	uint32_t indices[POLICIES_MAX] = { 0 };
	uint32_t entries;
	unsigned int i;
	size_t size;

	policies_read(now, &current);
	if (!were_zeroed(&current, before))
		return;
	entries = find_entries(now, indices);
	size = sizeof(*info) + entries * sizeof(info->counters[0]);
	info = calloc(1, size);
	if (!info)
		return;
	strncpy(info->name, SNAPSHOT_TABLE, sizeof(info->name) - 1);
	info->num_counters = entries;
	for (i = 0; i < current.n && i < before->n; i++) {
		info->counters[indices[i]].pcnt = before->counters[i].packets;
		info->counters[indices[i]].bcnt = before->counters[i].bytes;
	}
	add_counters(now->family, info, size);
}
