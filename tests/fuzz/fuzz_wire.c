/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer: any bytes, as each payload that one process takes from another. The first byte says
 * which. What is taken for a good one says the same again when it is put back.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "explain/grant_request.h"
#include "fence/crossing.h"
#include "grants/store.h"
#include "policy/who.h"
#include "wire/message.h"

#define POLICIES 3 /* that fences may name */

static void
expect(bool so)
{
	if (!so)
		abort();
}

static void
expect_same(struct wire_out *out, const uint8_t *data, size_t size)
{
	expect(!out->failed);
	expect(out->used == size && (size == 0 || !memcmp(out->data, data, size)));
	wire_out_free(out);
}

static void
try_open(const uint8_t *data, size_t size)
{
	struct wire_in in = { .data = data, .left = size };
	struct open_request request;
	struct wire_out out = { 0 };

	if (!open_request_get(&in, &request))
		return;
	expect(request.n_groups <= PROTOCOL_GROUPS_MAX && request.n_ranges <= PROTOCOL_RANGES_MAX);
	expect(strlen(request.user) <= PROTOCOL_NAME_MAX);
	open_request_put(&out, &request);
	open_request_clear(&request);
	expect_same(&out, data, size - in.left);
}

static void
try_fenced(const uint8_t *data, size_t size)
{
	struct wire_in in = { .data = data, .left = size };
	struct fenced_answer answer;
	struct wire_out out = { 0 };

	if (!fenced_answer_get(&in, &answer))
		return;
	fenced_answer_put(&out, &answer);
	fenced_answer_clear(&answer);
	expect_same(&out, data, size - in.left);
}

static void
try_session(const uint8_t *data, size_t size)
{
	struct wire_in in = { .data = data, .left = size };
	struct session_name name;
	struct wire_out out = { 0 };

	if (!session_name_get(&in, &name))
		return;
	session_name_put(&out, &name);
	expect_same(&out, data, size - in.left);
}

/* Into `out` again. False where it is none. */
static bool
pass_policies(const uint8_t *data, size_t size, struct wire_out *out)
{
	struct wire_in in = { .data = data, .left = size };
	struct arena *arena = arena_new();
	const struct policy *const *policies;
	uint32_t n;
	bool good;

	expect(arena != NULL);
	good = crossing_get_policies(&in, arena, &policies, &n);
	if (good) {
		expect(n <= POLICY_COUNT_MAX + 1 + POLICY_FRONTS_MAX);
		crossing_put_policies(out, policies, n);
		expect(!out->failed && out->used == size - in.left);
	}
	arena_free(arena);
	return good;
}

/* Any byte but 0 is a true, so that only the second time nothing changes any more. */
static void
try_policies(const uint8_t *data, size_t size)
{
	struct wire_out once = { 0 }, twice = { 0 };

	if (!pass_policies(data, size, &once))
		return;
	expect(pass_policies(once.data, once.used, &twice));
	expect_same(&twice, once.data, once.used);
	wire_out_free(&once);
}

static void
try_fences(const uint8_t *data, size_t size)
{
	struct wire_in in = { .data = data, .left = size };
	struct fence *fences;
	struct wire_out out = { 0 };
	uint32_t n, i;

	if (!crossing_get_fences(&in, POLICIES, &fences, &n))
		return;
	for (i = 0; i < n; i++) {
		expect(fences[i].first > 0 && fences[i].first <= fences[i].last);
		expect(fences[i].policy < POLICIES);
		expect(i == 0 || fences[i].first > fences[i - 1].last);
	}
	crossing_put_fences(&out, fences, n);
	free(fences);
	expect_same(&out, data, size - in.left);
}

/* The file that the module reads when nobody answers. */
static void
try_who(const uint8_t *data, size_t size)
{
	struct who *who = NULL, *again = NULL;
	const char *groups[] = { "wheel", NULL, "supporters" };
	char *text;

	if (who_parse((const char *)data, size, &who, NULL))
		return;
	expect(!who_match(who, "root", 0, groups, 3).fenced);
	who_match(who, "alice", 1000, groups, 3);
	text = who_print(who);
	expect(text && !who_parse(text, strlen(text), &again, NULL));
	expect(again->n_users == who->n_users && again->n_groups == who->n_groups);
	free(text);
	who_free(who);
	who_free(again);
}

/* What is kept, without its sum, which is put behind it: what it lets through is whole, and within
 * all bounds. */
static void
try_grants(const uint8_t *data, size_t size)
{
	const struct term_boot boot = { "0f6b3a52-6e9c-4f63-9d0e-0123456789ab" };
	struct grants *grants = grants_new();
	uint8_t *bytes = malloc(size + sizeof(uint64_t)), *again;
	const uint64_t sum = store_sum(data, size);
	struct grant *const *list;
	uint32_t n, i;
	size_t length;

	expect(grants && bytes);
	if (size)
		memcpy(bytes, data, size);
	memcpy(bytes + size, &sum, sizeof(sum));
	if (store_read(grants, bytes, size + sizeof(sum), &boot, NULL) == 0) {
		list = grants_all(grants, &n);
		for (i = 0; i < n; i++) {
			expect(list[i]->id && list[i]->uid);
			expect(list[i]->rule.action == ACTION_ALLOW);
			expect(list[i]->rule.n_what <= GRANT_WHATS_MAX);
			expect(strlen(list[i]->user) <= PROTOCOL_NAME_MAX);
		}
		again = store_bytes(grants, &boot, &length);
		expect(again != NULL);
		free(again);
	} else {
		grants_all(grants, &n);
		expect(n == 0);
	}
	free(bytes);
	grants_free(grants);
}

static void
try_grant(const uint8_t *data, size_t size)
{
	struct wire_in in = { .data = data, .left = size };
	struct arena *arena = arena_new();
	struct grant_request request;
	struct wire_out out = { 0 };

	expect(arena != NULL);
	if (grant_request_get(&in, arena, &request)) {
		grant_request_put(&out, &request);
		expect(!out.failed && out.used <= size);
	}
	wire_out_free(&out);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const payloads[])(const uint8_t *, size_t) = { try_open, try_fenced,
		try_session, try_policies, try_fences, try_who, try_grants, try_grant };
	const size_t n = sizeof(payloads) / sizeof(payloads[0]);

	if (size)
		payloads[data[0] % n](data + 1, size - 1);
	return 0;
}
