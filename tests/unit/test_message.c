/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "netfence/rule.h"
#include "wire/message.h"

static char *alices_groups[] = { (char[]){ "alice" }, (char[]){ "supporters" } };
static struct uid_range alices_ranges[] = { { 100000, 165535 }, { 400000, 400000 } };

static const struct open_request alice = {
	.patience_ms = 4900,
	.uid = 4000,
	.gid = 4001,
	.user = (char[]){ "alice" },
	.n_groups = 2,
	.groups = alices_groups,
	.n_ranges = 2,
	.ranges = alices_ranges,
	.netns = { 4, 4026531840 },
	.service = (char[]){ "sshd" },
	.tty = (char[]){ "ssh" },
	.from = (char[]){ "192.0.2.7" },
	.by = NULL,
	.flaw = (char[]){ "a range touches bob's" },
};

static void
an_open_request_comes_back(void **state)
{
	struct wire_out out = { 0 };
	struct wire_in in;
	struct open_request got;

	(void)state;
	open_request_put(&out, &alice);
	assert_false(out.failed);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	assert_true(open_request_get(&in, &got));
	assert_int_equal(got.patience_ms, 4900);
	assert_int_equal(got.uid, 4000);
	assert_int_equal(got.gid, 4001);
	assert_string_equal(got.user, "alice");
	assert_int_equal(got.n_groups, 2);
	assert_string_equal(got.groups[0], "alice");
	assert_string_equal(got.groups[1], "supporters");
	assert_int_equal(got.n_ranges, 2);
	assert_int_equal(got.ranges[0].first, 100000);
	assert_int_equal(got.ranges[0].last, 165535);
	assert_int_equal(got.ranges[1].first, 400000);
	assert_int_equal(got.ranges[1].last, 400000);
	assert_int_equal(got.netns.device, 4);
	assert_int_equal(got.netns.inode, 4026531840);
	assert_string_equal(got.service, "sshd");
	assert_string_equal(got.tty, "ssh");
	assert_string_equal(got.from, "192.0.2.7");
	assert_string_equal(got.by, "");
	assert_string_equal(got.flaw, "a range touches bob's");
	open_request_clear(&got);
	wire_out_free(&out);
}

static void
a_free_answer_comes_back(void **state)
{
	const struct free_answer answer = { { 7, UINT64_MAX }, (char[]){ "no rule applies" } };
	struct wire_out out = { 0 };
	struct wire_in in;
	struct free_answer got;
	size_t length;

	(void)state;
	free_answer_put(&out, &answer);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	assert_true(free_answer_get(&in, &got));
	assert_true(got.session.id == 7 && got.session.key == UINT64_MAX);
	assert_string_equal(got.reason, "no rule applies");
	free_answer_clear(&got);
	for (length = 0; length < out.used; length++) {
		in = (struct wire_in){ .data = out.data, .left = length };
		assert_false(free_answer_get(&in, &got));
	}
	wire_out_free(&out);
}

/* Each length but the whole one is refused, and so is one byte too many. */
static void
an_open_request_cut_short_is_none(void **state)
{
	struct wire_out out = { 0 };
	struct wire_in in;
	struct open_request got;
	size_t length;

	(void)state;
	open_request_put(&out, &alice);
	for (length = 0; length < out.used; length++) {
		in = (struct wire_in){ .data = out.data, .left = length };
		assert_false(open_request_get(&in, &got));
	}
	wire_put_u8(&out, 0);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	assert_false(open_request_get(&in, &got));
	wire_out_free(&out);
}

static bool
passes(const struct open_request *request)
{
	struct wire_out out = { 0 };
	struct wire_in in;
	struct open_request got;
	bool good;

	open_request_put(&out, request);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	good = open_request_get(&in, &got);
	if (good)
		open_request_clear(&got);
	wire_out_free(&out);
	return good;
}

static void
bounds_hold(void **state)
{
	char name[PROTOCOL_NAME_MAX + 2], flaw[OPEN_FLAW_MAX + 2];
	struct uid_range ranges[PROTOCOL_RANGES_MAX + 1] = { { 0, 0 } };
	struct uid_range reversed = { 200001, 200000 };
	struct open_request request = alice;

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	memset(flaw, 'x', sizeof(flaw));
	flaw[sizeof(flaw) - 1] = '\0';

	request.user = name;
	assert_false(passes(&request));
	request.user = name + 1;
	assert_true(passes(&request));
	request.user = name + PROTOCOL_NAME_MAX + 1; /* "" */
	assert_false(passes(&request));

	request = alice;
	request.flaw = flaw;
	assert_false(passes(&request));
	request.flaw = flaw + 1;
	assert_true(passes(&request));

	request = alice;
	request.ranges = ranges;
	request.n_ranges = PROTOCOL_RANGES_MAX + 1;
	assert_false(passes(&request));
	request.n_ranges = PROTOCOL_RANGES_MAX;
	assert_true(passes(&request));
	request.ranges = &reversed;
	request.n_ranges = 1;
	assert_false(passes(&request));
}

static void
an_answer_and_a_name_come_back(void **state)
{
	const struct fenced_answer answer = {
		.session = { 7, UINT64_MAX },
		.policy = (char[]){ "groups/supporters" },
		.message = (char[]){ "limited" },
	};
	struct fenced_answer got;
	struct session_name name;
	struct wire_out out = { 0 };
	struct wire_in in;
	size_t length;

	(void)state;
	fenced_answer_put(&out, &answer);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	assert_true(fenced_answer_get(&in, &got));
	assert_int_equal(got.session.id, 7);
	assert_true(got.session.key == UINT64_MAX);
	assert_string_equal(got.policy, "groups/supporters");
	assert_string_equal(got.message, "limited");
	fenced_answer_clear(&got);
	for (length = 0; length < out.used; length++) {
		in = (struct wire_in){ .data = out.data, .left = length };
		assert_false(fenced_answer_get(&in, &got));
	}
	wire_out_free(&out);

	session_name_put(&out, &answer.session);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	assert_true(session_name_get(&in, &name));
	assert_true(name.id == 7 && name.key == UINT64_MAX);
	in = (struct wire_in){ .data = out.data, .left = out.used - 1 };
	assert_false(session_name_get(&in, &name));
	wire_out_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_request_comes_back),
		cmocka_unit_test(an_open_request_cut_short_is_none),
		cmocka_unit_test(a_free_answer_comes_back),
		cmocka_unit_test(bounds_hold),
		cmocka_unit_test(an_answer_and_a_name_come_back),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
