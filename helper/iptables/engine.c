/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine for iptables' legacy tables. It needs CAP_NET_ADMIN and CAP_NET_RAW and no particular
 * uid: one speaks to the kernel about tables through a raw socket.
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
#include "iptables/table.h"

struct engine_state {
	enum family family;
	struct table table;
	bool log; /* the kernel can, as far as we know */
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

/* All that is missing, in one go. What is for logging alone may be: *log says whether it is there.
 */
static int
check_extensions(int fd, enum family family, bool *log, struct why *why)
{
	size_t n, i, used = 0;
	const struct extension *extensions = entry_extensions(family, &n);
	char missing[256] = "";

	*log = true;
	for (i = 0; i < n && used < sizeof(missing); i++) {
		if (extension_there(fd, family, &extensions[i]))
			continue;
		if (extensions[i].log) {
			*log = false;
			continue;
		}
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
	struct engine_state *opened = calloc(1, sizeof(*opened));
	int error;

	if (!opened)
		return why_errno(why, ENOMEM, "engine");
	opened->family = family;
	error = table_open(family, &opened->table, why);
	if (!error) {
		error = check_extensions(opened->table.fd, family, &opened->log, why);
		if (error)
			table_close(&opened->table);
	}
	if (error) {
		free(opened);
		return error;
	}
	*state = opened;
	return 0;
}

static int
apply(struct engine_state *state, const struct fence_plan *plan, unsigned int *commits,
    struct why *why)
{
	struct layout layout;
	int error;

	error = layout_build(plan, state->family, &layout, why);
	if (error)
		return error;
	error = table_apply(&state->table, &layout, commits, why);
	if (error) {
		layout_clear(&layout);
		return error;
	}
	layout_clear(&state->layout);
	state->layout = layout;
	state->applied = true;
	return 0;
}

/* A kernel may have the target and not what it logs to (nfnetlink_log), which shows at the commit
 * only. Fences come first: if they can be had without a log, then without. */
static int
engine_apply(struct engine_state *state, const struct fence_plan *plan, unsigned int *commits,
    struct why *why)
{
	struct fence_plan silent = *plan;
	struct why silent_why;
	int error;

	silent.log = false;
	if (!plan->log || !state->log)
		return apply(state, &silent, commits, why);
	error = apply(state, plan, commits, why);
	if (error != -ENOENT || apply(state, &silent, commits, &silent_why) < 0)
		return error;
	state->log = false;
	return 0;
}

static bool
engine_logs(const struct engine_state *state)
{
	return state->log;
}

static int
engine_verify(struct engine_state *state, struct why *why)
{
	return state->applied ? table_verify(&state->table, &state->layout, why) : 0;
}

static int
engine_held(struct engine_state *state, struct plan *plan, struct why *why)
{
	return table_held(&state->table, plan, why);
}

static void
engine_close(struct engine_state *state)
{
	if (!state)
		return;
	layout_clear(&state->layout);
	table_close(&state->table);
	free(state);
}

const struct engine iptables_engine = {
	.name = "iptables",
	.open = engine_open,
	.apply = engine_apply,
	.verify = engine_verify,
	.held = engine_held,
	.logs = engine_logs,
	.close = engine_close,
};
