/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine for nftables. It needs CAP_NET_ADMIN and no particular uid.
 *
 * One table of the family inet carries both families: the engine of IPv4 does all of it, and that
 * of IPv6 has nothing to do, so that both are in force or neither.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fence/engine.h"
#include "nftables/table.h"

struct engine_state {
	enum family family;
	struct ntable table; /* with FAMILY_IPV4 */
};

static int
open_ipv6(struct why *why)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		return why_set(why, EAFNOSUPPORT, "the kernel has no IPv6");
	if (fd >= 0)
		close(fd);
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
	error = family == FAMILY_IPV4 ? ntable_open(&opened->table, why) : open_ipv6(why);
	if (error) {
		free(opened);
		return error;
	}
	*state = opened;
	return 0;
}

static int
engine_apply(struct engine_state *state, const struct fence_plan *plan, unsigned int *commits,
    struct why *why)
{
	return state->family == FAMILY_IPV4 ? ntable_apply(&state->table, plan, commits, why) : 0;
}

static int
engine_verify(struct engine_state *state, struct why *why)
{
	return state->family == FAMILY_IPV4 ? ntable_verify(&state->table, why) : 0;
}

static int
engine_held(struct engine_state *state, struct plan *plan, struct why *why)
{
	return state->family == FAMILY_IPV4 ? ntable_held(&state->table, plan, why) : 0;
}

static bool
engine_logs(const struct engine_state *state)
{
	return state->family == FAMILY_IPV4 ? state->table.log : true;
}

static void
engine_close(struct engine_state *state)
{
	if (!state)
		return;
	if (state->family == FAMILY_IPV4)
		ntable_close(&state->table);
	free(state);
}

const struct engine nftables_engine = {
	.name = "nftables",
	.open = engine_open,
	.apply = engine_apply,
	.verify = engine_verify,
	.held = engine_held,
	.logs = engine_logs,
	.close = engine_close,
};
