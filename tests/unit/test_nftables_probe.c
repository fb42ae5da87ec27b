/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is missing in a kernel, told from its answers to a batch that never comes into force. The
 * answers are a kernel's that lacks it; the batch is the real one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nftables/probe.h"

struct kernel {
	struct link link;
	int end;
	char batch[32768];
	ssize_t size;
};

/* A socket to nobody, and what would be sent to the kernel. */
static int
set_up(void **state)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int ends[2];
	struct why why;
	bool log;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	kernel->link.fd = ends[0];
	kernel->end = ends[1];
	/* It is not in force for certain only where something was refused. */
	assert_int_equal(probe(&kernel->link, &log, &why), -EPROTO);
	kernel->size = recv(kernel->end, kernel->batch, sizeof(kernel->batch), 0);
	assert_in_range(kernel->size, 100, sizeof(kernel->batch) - 1);
	kernel->link.sequence = 0;
	*state = kernel;
	return 0;
}

static int
tear_down(void **state)
{
	struct kernel *kernel = *state;

	close(kernel->link.fd);
	close(kernel->end);
	free(kernel);
	return 0;
}

static void
refuse(const struct kernel *kernel, const struct nlmsghdr *message, int error)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr body;
	} answer = { .head = { .nlmsg_len = sizeof(answer),
			 .nlmsg_type = NLMSG_ERROR,
			 .nlmsg_seq = message->nlmsg_seq },
		.body = { error, *message } };

	assert_int_equal(send(kernel->end, &answer, sizeof(answer), 0), sizeof(answer));
}

/* Whether the message has an expression, or flags of a set, with these bytes. */
static bool
has(const struct nlmsghdr *message, const void *bytes, size_t size)
{
	return memmem(message, message->nlmsg_len, bytes, size) != NULL;
}

/* Answers as a kernel that has no such expression and, as any, no chain to delete. */
static int
ask(struct kernel *kernel, const char *missing, bool *log, struct why *why)
{
	const struct nlmsghdr *message = (const void *)kernel->batch;
	char attribute[32] = { 0 };
	int left = (int)kernel->size;
	size_t length = strlen(missing);

	attribute[0] = (char)(NLA_HDRLEN + length + 1);
	attribute[2] = NFTA_EXPR_NAME;
	memcpy(attribute + NLA_HDRLEN, missing, length);
	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES)
			continue;
		if ((message->nlmsg_type & 0xff) == NFT_MSG_DELCHAIN)
			refuse(kernel, message, -ENOENT);
		else if (length && has(message, attribute, NLA_HDRLEN + length + 1))
			refuse(kernel, message, -ENOENT);
	}
	return probe(&kernel->link, log, why);
}

static void
nothing_is_missing(void **state)
{
	struct why why;
	bool log = false;

	assert_int_equal(ask(*state, "", &log, &why), 0);
	assert_true(log);
}

static void
what_is_missing_is_named(void **state)
{
	static const char *const names[] = { "ct", "fib", "limit", "exthdr", "reject" };
	struct kernel *kernel = *state;
	struct why why;
	bool log;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		kernel->link.sequence = 0;
		assert_int_equal(ask(kernel, names[i], &log, &why), -EOPNOTSUPP);
		assert_non_null(strstr(why.text, "the kernel's nftables lack "));
		assert_non_null(strstr(why.text, names[i]));
		assert_int_equal(
		    recv(kernel->end, kernel->batch, sizeof(kernel->batch), 0), kernel->size);
	}
}

/* Before Linux 5.13 no element was for all other keys. */
static void
elements_for_all_others_are_missing(void **state)
{
	struct kernel *kernel = *state;
	const struct nlmsghdr *message = (const void *)kernel->batch;
	int left = (int)kernel->size;
	struct why why;
	bool log;

	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
		if (message->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM))
			refuse(kernel, message, -EINVAL);
	assert_int_equal(ask(kernel, "", &log, &why), -EOPNOTSUPP);
	assert_non_null(strstr(why.text, "lack elements for all other keys"));
}

/* What is for the log alone may be missing. */
static void
without_a_log_there_are_fences(void **state)
{
	static const char *const names[] = { "log", "dynset", "objref" };
	struct kernel *kernel = *state;
	struct why why;
	bool log;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		kernel->link.sequence = 0;
		log = true;
		assert_int_equal(ask(kernel, names[i], &log, &why), 0);
		assert_false(log);
		assert_int_equal(
		    recv(kernel->end, kernel->batch, sizeof(kernel->batch), 0), kernel->size);
	}
}

static void
the_whole_batch_is_refused(void **state)
{
	struct kernel *kernel = *state;
	struct why why;
	bool log;

	refuse(kernel, (const void *)kernel->batch, -EPERM);
	assert_int_equal(probe(&kernel->link, &log, &why), -EPERM);
	assert_non_null(strstr(why.text, "CAP_NET_ADMIN"));
	kernel->link.sequence = 0;
	refuse(kernel, (const void *)kernel->batch, -ENOMEM);
	assert_int_equal(probe(&kernel->link, &log, &why), -ENOMEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_missing_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    elements_for_all_others_are_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_log_there_are_fences, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_whole_batch_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("nftables probe", tests, NULL, NULL);
}
