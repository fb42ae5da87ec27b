/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* The allocation that fails, from 1; 0: none. */
static unsigned int failing;

static void *
scarce_array(void *list, size_t n, size_t size)
{
	return failing && !--failing ? NULL : reallocarray(list, n, size);
}

static char *
scarce_copy(const char *text)
{
	return failing && !--failing ? NULL : strdup(text);
}

#define reallocarray scarce_array
#define strdup       scarce_copy
#include "../../helper/resolver_process.c"
#undef reallocarray
#undef strdup

/* What is said of the members of root's group, of whom root is one by their primary group; whether
 * root is there goes to *root. */
static bool
asks_of_root(bool *root)
{
	struct protocol_header header;
	struct open_request request;
	struct wire_out out = { 0 };
	struct wire_in in, part;
	uint8_t *payload;
	uint32_t n;
	bool complete;
	int pair[2];

	*root = false;
	wire_put_u32(&out, 0);
	wire_put_u32(&out, 1);
	wire_put_string(&out, "root");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(wire_send(pair[0], (enum protocol_operation)RESOLVER_ASK, &out,
			     wire_clock_ms() + 8000, NULL),
	    0);
	assert_int_equal(shutdown(pair[0], SHUT_WR), 0);
	resolver_process(pair[1]);
	assert_int_equal(wire_receive(pair[0], &header, &payload, wire_clock_ms() + 8000, NULL), 0);
	in = (struct wire_in){ .data = payload, .left = header.length };
	complete = wire_get_u8(&in);
	for (n = wire_get_u32(&in); n; n--) {
		const uint8_t result = wire_get_u8(&in);

		wire_get_part(&in, &part);
		assert_true(open_request_get(&part, &request));
		*root |= result == RESOLVER_FOUND && request.uid == 0;
		complete &= result != RESOLVER_FAILED; /* so main takes it */
		open_request_clear(&request);
	}
	assert_true(wire_in_done(&in));
	free(payload);
	wire_out_free(&out);
	close(pair[0]);
	close(pair[1]);
	return complete;
}

/* Main ends the fence of who is always fenced and is not among all. */
static void
who_is_left_out_for_want_of_memory_is_not_left_out_of_all(void **state)
{
	unsigned int nth;
	bool root;

	(void)state;
	failing = 0;
	assert_true(asks_of_root(&root));
	assert_true(root);
	for (nth = 1;; nth++) {
		failing = nth;
		if (asks_of_root(&root) && !root)
			fail_msg("allocation %u", nth);
		if (failing)
			break;
	}
	assert_true(nth > 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_left_out_for_want_of_memory_is_not_left_out_of_all),
	};

	return cmocka_run_group_tests_name("resolver_process", tests, NULL, NULL);
}
