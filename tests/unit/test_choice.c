/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "choice.h"

static char loaded[] = "/tmp/netfence-loaded-XXXXXX", builtin[] = "/tmp/netfence-builtin-XXXXXX";

static void
put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
test_a_module_that_is_missing(void **state)
{
	(void)state;
	put(loaded, "nf_tables_more 1 0 - Live 0x0\nxt_owner 16384 0 - Live 0x0\n");
	put(builtin, "kernel/net/netfilter/nfnetlink.ko\nkernel/net/netfilter/xt_nf_tables.ko\n");
	assert_true(choice_lacks_module(loaded, builtin, "nf_tables"));
	assert_false(choice_lacks_module(loaded, builtin, "xt_owner"));
	assert_false(choice_lacks_module(loaded, builtin, "nfnetlink"));
	put(loaded, "xt_owner 16384 0 - Live 0x0\nnf_tables 1 0 - Live 0x0\n");
	assert_false(choice_lacks_module(loaded, builtin, "nf_tables"));
}

static void
test_where_nobody_knows_it_may_be_there(void **state)
{
	(void)state;
	put(loaded, "");
	put(builtin, "");
	assert_true(choice_lacks_module(loaded, builtin, "nf_tables"));
	assert_false(choice_lacks_module("/nonexistent", builtin, "nf_tables"));
	assert_false(choice_lacks_module(loaded, "/nonexistent", "nf_tables"));
}

static void
test_names(void **state)
{
	enum settings_engine which;

	(void)state;
	assert_true(choice_find("auto", &which));
	assert_int_equal(which, SETTINGS_ENGINE_AUTO);
	assert_true(choice_find("nftables", &which));
	assert_int_equal(which, SETTINGS_ENGINE_NFTABLES);
	assert_string_equal(choice_engine(which)->name, "nftables");
	assert_string_equal(choice_engine(choice_other(which))->name, "iptables");
	assert_false(choice_find("nft", &which));
	assert_false(choice_find("", &which));
}

static int
make_files(void **state)
{
	int one = mkstemp(loaded), other = mkstemp(builtin);

	(void)state;
	close(one);
	close(other);
	return one < 0 || other < 0;
}

static int
remove_files(void **state)
{
	(void)state;
	return unlink(loaded) < 0 || unlink(builtin) < 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_module_that_is_missing),
		cmocka_unit_test(test_where_nobody_knows_it_may_be_there),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
