/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine for iptables' legacy tables, through libiptc. It needs CAP_NET_ADMIN and CAP_NET_RAW
 * and no particular uid: libiptc speaks to the kernel through a raw socket.
 */
/* Before the kernel's headers, which then leave its definitions alone. */
#include <netinet/in.h>

#include <errno.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "fence/engine.h"
#include "iptables/entry.h"
#include "iptables/layout.h"
#include "iptables/snapshot.h"
#include "iptables/table.h"

struct engine_state {
	enum family family;
	bool applied;
	struct layout layout; /* that was */
};

/* Asks the kernel, which loads the module if it can. A rule that needs what is not there would
 * fail at commit, with an ENOENT or EINVAL that does not say what is missing. */
static bool
extension_there(int fd, enum family family, const struct extension *extension)
{
	struct xt_get_revision ask = { .revision = extension->revision };
	socklen_t size = sizeof(ask);
	int option;

	strncpy(ask.name, extension->name, sizeof(ask.name) - 1);
	if (family == FAMILY_IPV4) {
		option = extension->target ? IPT_SO_GET_REVISION_TARGET : IPT_SO_GET_REVISION_MATCH;
		return getsockopt(fd, IPPROTO_IP, option, &ask, &size) >= 0;
	}
	option = extension->target ? IP6T_SO_GET_REVISION_TARGET : IP6T_SO_GET_REVISION_MATCH;
	return getsockopt(fd, IPPROTO_IPV6, option, &ask, &size) >= 0;
}

/* All that is missing, in one go. */
static int
check_extensions(int fd, enum family family, struct why *why)
{
	size_t n, i, used = 0;
	const struct extension *extensions = entry_extensions(family, &n);
	char missing[256] = "";

	for (i = 0; i < n && used < sizeof(missing); i++) {
		if (extension_there(fd, family, &extensions[i]))
			continue;
		used += (size_t)snprintf(missing + used, sizeof(missing) - used, "%s %s %s",
		    used ? "," : "", extensions[i].target ? "target" : "match", extensions[i].name);
	}
	if (used)
		return why_set(why, EOPNOTSUPP, "the kernel's %s tables lack%s",
		    family == FAMILY_IPV4 ? "IPv4" : "IPv6", missing);
	return 0;
}

static int
engine_open(enum family family, struct engine_state **state, struct why *why)
{
	struct snapshot snapshot;
	cleanup_fd int fd = -1;
	int error;

	error = snapshot_open(family, &snapshot, why);
	if (error)
		return error;
	snapshot_close(&snapshot);

	fd = socket(
	    family == FAMILY_IPV4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0)
		return why_errno(why, errno, "raw socket");
	error = check_extensions(fd, family, why);
	if (error)
		return error;

	*state = calloc(1, sizeof(**state));
	if (!*state)
		return why_errno(why, ENOMEM, "engine");
	(*state)->family = family;
	return 0;
}

static int
engine_apply(struct engine_state *state, const struct fence_plan *plan, unsigned int *commits,
    struct why *why)
{
	struct layout layout;
	int error;

	error = layout_build(plan, state->family, &layout, why);
	if (error)
		return error;
	error = table_apply(&layout, state->family, commits, why);
	if (error) {
		layout_clear(&layout);
		return error;
	}
	layout_clear(&state->layout);
	state->layout = layout;
	state->applied = true;
	return 0;
}

static int
engine_verify(struct engine_state *state, struct why *why)
{
	return state->applied ? table_verify(&state->layout, state->family, why) : 0;
}

static void
engine_close(struct engine_state *state)
{
	if (!state)
		return;
	layout_clear(&state->layout);
	free(state);
}

const struct engine iptables_engine = {
	.name = "iptables",
	.open = engine_open,
	.apply = engine_apply,
	.verify = engine_verify,
	.close = engine_close,
};
