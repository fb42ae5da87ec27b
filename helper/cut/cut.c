/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cut/cut.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cut/route.h"
#include "diag/diag.h"
#include "verdict/verdict.h"

/* A connected socket of a fenced uid. */
struct candidate {
	struct diag_name name;
	const struct policy *policy;
	uint32_t uid;
	bool orphan;
	struct packet packet;
};

struct listener {
	uint32_t uid;
	uint16_t port;
};

struct cutting {
	const struct fence_plan *plan;
	struct candidate *candidates;
	size_t n_candidates;
	struct listener *listeners;
	size_t n_listeners;
	bool orphans; /* are among the candidates: whether somebody listens counts */
	bool failed;  /* no memory */
};

static const struct policy *
policy_of(const struct fence_plan *plan, uint32_t uid)
{
	uint32_t low = 0, high = plan->n_fences;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (plan->fences[middle].last < uid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == plan->n_fences || plan->fences[low].first > uid)
		return NULL;
	return plan->policies[plan->fences[low].policy];
}

static bool
is_mapped(const uint8_t address[16])
{
	static const uint8_t prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return memcmp(address, prefix, sizeof(prefix)) == 0;
}

/* What the socket speaks, and to whom: an AF_INET6 socket may speak IPv4. */
static void
address(const struct diag_socket *socket, struct packet *packet)
{
	bool mapped = socket->family == AF_INET6 && is_mapped(socket->to);

	packet->family = socket->family == AF_INET || mapped ? FAMILY_IPV4 : FAMILY_IPV6;
	packet->protocol = socket->protocol;
	packet->from_port = socket->from_port;
	packet->to_port = socket->to_port;
	packet->icmp_type = VERDICT_UNKNOWN;
	packet->icmp_code = VERDICT_UNKNOWN;
	if (mapped)
		memcpy(packet->to, socket->to + 12, 4);
	else
		memcpy(packet->to, socket->to, packet->family == FAMILY_IPV4 ? 4 : 16);
}

#define GROW(list, n) \
	((n) & ((n)-1) ? (list) : reallocarray((list), (n) ? 2 * (n) : 1, sizeof(*(list))))

static void
on_socket(const struct diag_socket *socket, void *data)
{
	struct cutting *cutting = data;
	const struct policy *policy = policy_of(cutting->plan, socket->uid);
	struct candidate candidate = {
		.policy = policy, .uid = socket->uid, .orphan = socket->orphan
	};
	struct listener *listeners;
	struct candidate *candidates;

	if (!policy || policy->mode == POLICY_OBSERVE || cutting->failed)
		return;
	if (socket->listening) {
		listeners = GROW(cutting->listeners, cutting->n_listeners);
		cutting->failed = !listeners;
		if (listeners) {
			cutting->listeners = listeners;
			listeners[cutting->n_listeners++] =
			    (struct listener){ socket->uid, socket->from_port };
		}
		return;
	}
	if (!socket->to_port)
		return;
	cutting->orphans |= socket->orphan;
	address(socket, &candidate.packet);
	diag_keep(socket, &candidate.name);
	candidates = GROW(cutting->candidates, cutting->n_candidates);
	cutting->failed = !candidates;
	if (!candidates)
		return;
	cutting->candidates = candidates;
	candidates[cutting->n_candidates++] = candidate;
}

static bool
listens(const struct cutting *cutting, uint32_t uid, uint16_t port)
{
	size_t i;

	for (i = 0; i < cutting->n_listeners; i++)
		if (cutting->listeners[i].uid == uid && cutting->listeners[i].port == port)
			return true;
	return false;
}

/* Which direction a connection has, the socket does not tell. For one that still has an owner the
 * packet filter knows, so it gets the benefit of the doubt; an orphan only where its user listens
 * on that port. */
static bool
may_be_answering(const struct cutting *cutting, const struct candidate *candidate)
{
	return !candidate->orphan ||
	       (candidate->packet.protocol == IPPROTO_TCP &&
		   listens(cutting, candidate->uid, candidate->packet.from_port));
}

static bool
is_allowed(const struct cutting *cutting, struct candidate *candidate, struct routes *routes)
{
	struct route route;
	struct verdict verdict;

	routes_find(routes, candidate->packet.family, candidate->packet.to, &route);
	candidate->packet.local = route.local;
	candidate->packet.interface = route.interface[0] ? route.interface : NULL;
	candidate->packet.reply = may_be_answering(cutting, candidate);
	verdict = verdict_of(candidate->policy, &candidate->packet);
	return verdict.action == ACTION_ALLOW || verdict.limited;
}

/* *lacks: what the kernel cannot list, or NULL; the others are listed all the same. */
static int
collect(struct diag *diag, struct cutting *cutting, const char **lacks, struct why *why)
{
	int result;

	*lacks = NULL;
	result = diag_each_tcp(diag, DIAG_OPEN, on_socket, cutting);
	if (result == 0 && cutting->orphans)
		result = diag_each_tcp(diag, DIAG_LISTENING, on_socket, cutting);
	if (result == -ENOENT) {
		*lacks = "this kernel lists no TCP sockets (tcp_diag)";
		result = 0;
	}
	if (result == 0)
		result = diag_each(diag, AF_INET, IPPROTO_UDP, on_socket, cutting);
	if (result == 0)
		result = diag_each(diag, AF_INET6, IPPROTO_UDP, on_socket, cutting);
	if (result == -ENOENT) {
		*lacks = *lacks ? "this kernel lists no TCP and UDP sockets (tcp_diag, udp_diag)"
				: "this kernel lists no UDP sockets (udp_diag)";
		result = 0;
	}
	if (result < 0)
		return why_errno(why, -result, "the sockets cannot be listed");
	return cutting->failed ? why_set(why, ENOMEM, "no memory to list sockets") : 0;
}

void
cutter_clear(struct cutter *cutter)
{
	diag_close(cutter->diag);
	routes_close(cutter->routes);
	memset(cutter, 0, sizeof(*cutter));
}

int
cutter_cut(struct cutter *cutter, const struct fence_plan *plan, bool count_only, unsigned int *cut,
    struct why *why)
{
	struct cutting cutting = { .plan = plan };
	const char *lacks = NULL;
	size_t i;
	int result;

	if (!cutter->diag)
		cutter->diag = diag_open();
	if (!cutter->diag && errno == EPROTONOSUPPORT)
		return why_set(why, EOPNOTSUPP, "this kernel lists no sockets (inet_diag)");
	if (cutter->diag && !cutter->routes)
		cutter->routes = routes_open();
	if (cutter->diag && cutter->routes)
		result = collect(cutter->diag, &cutting, &lacks, why);
	else
		result = why_errno(why, errno, "netlink");
	for (i = 0; i < cutting.n_candidates && result == 0; i++) {
		if (is_allowed(&cutting, &cutting.candidates[i], cutter->routes))
			continue;
		if (!count_only)
			result = diag_destroy(cutter->diag, &cutting.candidates[i].name, why);
		*cut += result == 0;
	}
	free(cutting.candidates);
	free(cutting.listeners);
	/* What is still on its way to them would be taken for the next answer. */
	if (result < 0)
		cutter_clear(cutter);
	/* What could be listed has been cut. */
	if (result == 0 && lacks)
		result = why_set(why, EOPNOTSUPP, "%s", lacks);
	return result;
}
