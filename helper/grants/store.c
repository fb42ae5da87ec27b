/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "grants/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fence/crossing.h"
#include "netfence/protocol.h"
#include "policy/spoken.h"

#define MAGIC UINT64_C(0x31307374676e7267) /* "grants01" */

/* What one grant takes at least: its numbers, its strings' lengths, its rule. */
#define GRANT_LEAST 80

uint64_t
store_sum(const uint8_t *bytes, size_t length)
{
	uint64_t sum = UINT64_C(14695981039346656037); /* FNV-1a */
	size_t i;

	for (i = 0; i < length; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(1099511628211);
	return sum;
}

/* As the one rule of a policy, which is how rules cross elsewhere too, each bound looked at. */
static void
put_rule(struct wire_out *out, const struct rule *rule)
{
	struct rule copy = *rule;
	const struct policy policy = { .name = "", .n_egress = 1, .egress = &copy };
	const struct policy *const list[] = { &policy };

	crossing_put_policies(out, list, 1);
}

static bool
get_rule(struct wire_in *in, struct arena *arena, struct rule *rule)
{
	const struct policy *const *list;
	uint32_t n, i, ports = 0;

	if (!crossing_get_policies(in, arena, &list, &n) || n != 1 || list[0]->n_egress != 1)
		return false;
	*rule = list[0]->egress[0];
	rule->file = NULL;
	rule->line = 0;
	for (i = 0; i < rule->n_what; i++)
		ports += rule->what[i].n_ports;
	return rule->action == ACTION_ALLOW && !rule->limit.count && !rule->interface &&
	       rule->n_what && rule->n_what <= GRANT_WHATS_MAX && ports <= GRANT_PORTS_MAX &&
	       rule->n_to[FAMILY_IPV4] + rule->n_to[FAMILY_IPV6] <= GRANT_ADDRESSES_MAX;
}

static void
put_grant(struct wire_out *out, const struct grant *grant)
{
	wire_put_u32(out, grant->id);
	wire_put_u32(out, grant->uid);
	wire_put_string(out, grant->user);
	wire_put_string(out, grant->what);
	wire_put_string(out, grant->where);
	wire_put_string(out, grant->reason);
	wire_put_u32(out, grant->by.uid);
	wire_put_u32(out, grant->by.login_uid);
	wire_put_string(out, grant->by.name);
	wire_put_u64(out, (uint64_t)grant->since);
	term_put(out, &grant->term);
	put_rule(out, &grant->rule);
}

static const char *
get_string(struct wire_in *in, struct arena *arena, size_t most)
{
	size_t length = 0;
	const char *view = wire_get_view(in, most, &length);
	const char *copy = view ? arena_string(arena, view, length) : NULL;

	if (!copy)
		in->failed = true;
	return copy;
}

static bool
get_grant(struct wire_in *in, bool same_boot, struct grant *grant)
{
	const char *by;

	grant->id = wire_get_u32(in);
	grant->uid = wire_get_u32(in);
	grant->user = get_string(in, grant->arena, PROTOCOL_NAME_MAX);
	grant->what = get_string(in, grant->arena, SPOKEN_MAX);
	grant->where = get_string(in, grant->arena, SPOKEN_MAX);
	grant->reason = get_string(in, grant->arena, GRANT_REASON_MAX);
	grant->by.uid = wire_get_u32(in);
	grant->by.login_uid = wire_get_u32(in);
	by = get_string(in, grant->arena, PROTOCOL_NAME_MAX);
	if (by)
		strcpy(grant->by.name, by);
	grant->since = (int64_t)wire_get_u64(in);
	grant->term = term_get(in, same_boot);
	return !in->failed && grant->id && grant->uid && get_rule(in, grant->arena, &grant->rule);
}

uint8_t *
store_bytes(const struct grants *grants, const struct term_boot *boot, size_t *length)
{
	struct wire_out out = { 0 };
	uint32_t n, i;
	struct grant *const *list = grants_all(grants, &n);

	wire_put_u64(&out, MAGIC);
	wire_put_string(&out, boot->id);
	wire_put_u32(&out, grants_last_id(grants));
	wire_put_u32(&out, n);
	for (i = 0; i < n; i++)
		put_grant(&out, list[i]);
	if (!out.failed)
		wire_put_u64(&out, store_sum(out.data, out.used));
	if (out.failed) {
		wire_out_free(&out);
		return NULL;
	}
	*length = out.used;
	return out.data;
}

static void
forget_all(struct grants *grants)
{
	uint32_t n;
	struct grant *const *list;

	while ((list = grants_all(grants, &n)) && n)
		grant_free(grants_remove(grants, list[n - 1]->id));
	grants_set_last_id(grants, 0);
}

/* 1 with one more, 0 where it is damaged, -ENOMEM. */
static int
read_one(struct grants *grants, struct wire_in *in, bool same_boot)
{
	struct grant *grant = grant_new();
	int result;

	if (!grant)
		return -ENOMEM;
	result = get_grant(in, same_boot, grant) ? grants_add(grants, grant, NULL) : -EBADMSG;
	if (result < 0)
		grant_free(grant);
	return result == -ENOMEM ? result : result == 0;
}

int
store_read(struct grants *grants, const uint8_t *bytes, size_t length, const struct term_boot *boot,
    struct why *why)
{
	struct wire_in in = { .data = bytes, .left = length };
	struct term_boot written = { "" };
	const char *id;
	size_t id_length = 0;
	uint32_t n, i, last_id;
	uint64_t sum;
	bool same_boot;
	int result = 1;

	if (length < sizeof(sum))
		return why_set(why, EBADMSG, "the grants that were kept are cut short");
	in.left -= sizeof(sum);
	memcpy(&sum, bytes + in.left, sizeof(sum));
	if (sum != store_sum(bytes, in.left) || wire_get_u64(&in) != MAGIC)
		return why_set(why, EBADMSG, "the grants that were kept are damaged");
	id = wire_get_view(&in, sizeof(written.id) - 1, &id_length);
	if (id)
		memcpy(written.id, id, id_length);
	same_boot = term_boot_is(&written, boot);
	last_id = wire_get_u32(&in);
	n = wire_get_count(&in, GRANTS_MAX, GRANT_LEAST);
	for (i = 0; i < n && result == 1; i++)
		result = read_one(grants, &in, same_boot);
	if (result == 1 && wire_in_done(&in)) {
		if (last_id > grants_last_id(grants))
			grants_set_last_id(grants, last_id);
		return 0;
	}
	forget_all(grants);
	return result == -ENOMEM ? why_set(why, ENOMEM, "no memory for the grants that were kept")
				 : why_set(why, EBADMSG, "the grants that were kept are damaged");
}
