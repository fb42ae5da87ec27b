/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings, and what the host's resolv.conf makes of rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "policy_util.h"

#define MAIN "netfence.yaml"

struct pair {
	const char *text;
	const char *expected;
};

static struct ruleset *
compile_main(const char *text)
{
	const struct util_text texts[] = { { MAIN, text, 0 }, { NULL, NULL, 0 } };

	return util_compile(texts, false);
}

static void
test_good(void **state)
{
	static const struct pair pairs[] = {
		{ "", "auto 5 true" },
		{ "settings:\n", "auto 5 true" },
		{ "settings: {engine: auto, nflog-group: 5, self-service: true}\n", "auto 5 true" },
		{ "settings: {engine: nftables}\n", "nftables 5 true" },
		{ "settings: {engine: iptables, nflog-group: 0}\n", "iptables 0 true" },
		{ "settings:\n  nflog-group: 65535\n  self-service: false\n", "auto 65535 false" },
	};
	static const char *const engines[] = { "auto", "iptables", "nftables" };
	char got[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct ruleset *ruleset = compile_main(pairs[i].text);

		assert_int_equal(ruleset->report.n, 0);
		snprintf(got, sizeof(got), "%s %u %s", engines[ruleset->settings.engine],
		    ruleset->settings.nflog_group,
		    ruleset->settings.self_service ? "true" : "false");
		assert_string_equal(got, pairs[i].expected);
		ruleset_free(ruleset);
	}
}

static void
test_bad(void **state)
{
	static const struct util_text two[] = {
		{ MAIN, "settings: {engine: auto, nflog-group: 5}\n", 0 },
		{ "rules.d/10.yaml", "settings: {engine: auto, self-service: true}\n", 0 },
		{ "rules.d/20.yaml", "settings:\n  self-service: true\n  nflog-group: 6\n", 0 },
		{ NULL, NULL, 0 },
	};

	(void)state;
	util_expect_main("settings:\n"
			 "  engine: nft\n"
			 "  nflog-group: 65536\n"
			 "  self-service: 1\n"
			 "  self_service: true\n"
			 "  backend: nftables\n"
			 "  timeout: 5\n",
	    0,
	    "netfence.yaml:2:11: error: 'nft' is not known here: write 'nftables'\n"
	    "netfence.yaml:3:16: error: '65536' is not within 0 to 65535\n"
	    "netfence.yaml:4:17: error: '1' is not known here: write 'true'\n"
	    "netfence.yaml:5:3: error: 'self_service' is not a key of 'settings': did you mean "
	    "'self-service'?\n"
	    "netfence.yaml:6:3: error: 'backend' is not a key of 'settings': write 'engine'\n"
	    "netfence.yaml:7:3: error: 'timeout' is not a key of 'settings': it is an option of "
	    "pam_netfence.so\n");
	util_expect_main("settings: {engine: pf, nflog-group: five, self-service: }\n", 0,
	    "netfence.yaml:1:20: error: 'pf' is none of 'auto', 'iptables', 'nftables'\n"
	    "netfence.yaml:1:37: error: 'five' is not a whole number\n"
	    "netfence.yaml:1:43: error: 'self-service' has no value: write 'true', 'false'\n");
	util_expect_main("settings: [engine]\n", 0,
	    "netfence.yaml:1:11: error: a list where a mapping is expected: write 'engine: auto' "
	    "or the like below it\n");
	util_expect_main("engine: nftables\n", 0,
	    "netfence.yaml:1:1: error: 'engine' is not a key of the rules' top level: it stands "
	    "below 'settings:'\n");
	util_expect(two,
	    "rules.d/10.yaml:1:12: error: 'engine' is there twice under 'settings': already at "
	    "netfence.yaml:1:12\n"
	    "rules.d/20.yaml:2:3: error: 'self-service' is there twice under 'settings': already "
	    "at rules.d/10.yaml:1:26\n"
	    "rules.d/20.yaml:3:3: error: 'nflog-group' is there twice under 'settings': already at "
	    "netfence.yaml:1:26\n");
}

#define ASK                                       \
	"define: {dns: [resolvers, 192.0.2.9]}\n" \
	"policies:\n"                             \
	" p:\n"                                   \
	"  egress: [{allow: domain, to: resolvers}, {allow: icmpv6, to: dns}]\n"

static void
expect_resolvers(const char *resolv_conf, const char *first, const char *second, const char *warned)
{
	char dump[1024], report[512];
	struct ruleset *ruleset;
	char *got;

	util_resolv_conf = resolv_conf;
	ruleset = compile_main(ASK);
	util_resolv_conf = "nameserver 192.0.2.53\n";
	snprintf(report, sizeof(report), "%s%s%s", warned ? "netfence.yaml:1:16: warning: " : "",
	    warned ? warned : "", warned ? "\n" : "");
	got = util_report(ruleset);
	assert_string_equal(got, report);
	free(got);
	snprintf(dump, sizeof(dump),
	    "p netfence.yaml:3 default=reject serve=none loopback=all\n"
	    "  netfence.yaml:4 allow 6/53-53 17/53-53 ->%s\n"
	    "  netfence.yaml:4 allow 58 ->%s\n",
	    first, second);
	got = util_dump(ruleset);
	assert_string_equal(got, dump);
	free(got);
	assert_string_equal(ruleset->resolv_conf, "resolv.conf");
	ruleset_free(ruleset);
}

/* Whatever stands in resolv.conf, a good configuration stays one. */
static void
test_resolvers(void **state)
{
	(void)state;
	expect_resolvers("# by hand\n"
			 "search example.com\n"
			 "nameserver 192.0.2.53\n"
			 "nameserver\t\t2001:db8::53 # the second\r\n"
			 "nameserver fe80::1%eth0\n"
			 "nameserver 192.0.2.53\n"
			 " nameserver 192.0.2.1\n"
			 "nameservers 192.0.2.2\n"
			 "nameserver ns.example.com\n"
			 "nameserver 192.0.2.0/24\n"
			 "nameserver 192.0.2.3-192.0.2.4\n"
			 "nameserver\n"
			 "nameserver \n"
			 "; nameserver 192.0.2.5\n"
			 "options edns0\n"
			 "nameserver 192.0.2.54",
	    " 192.0.2.53-192.0.2.54 2001:db8::53-2001:db8::53 fe80::1-fe80::1",
	    " 192.0.2.9-192.0.2.9 192.0.2.53-192.0.2.54 2001:db8::53-2001:db8::53 "
	    "fe80::1-fe80::1",
	    NULL);
	expect_resolvers("", "", " 192.0.2.9-192.0.2.9",
	    "resolv.conf names no server now: until it does, 'resolvers' is nobody");
	expect_resolvers("nameserver 127.0.0.53\n", " 127.0.0.53-127.0.0.53",
	    " 127.0.0.53-127.0.0.53 192.0.2.9-192.0.2.9",
	    "resolv.conf names a server on this host: 'loopback' decides who reaches it, and what "
	    "it asks for others is not the user's traffic");
	expect_resolvers("nameserver 192.0.2.53\nnameserver ::1\n",
	    " 192.0.2.53-192.0.2.53 ::1-::1", " 192.0.2.9-192.0.2.9 192.0.2.53-192.0.2.53 ::1-::1",
	    "resolv.conf names a server on this host: 'loopback' decides who reaches it, and what "
	    "it asks for others is not the user's traffic");
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Only what would change a rule is a change. */
static void
test_changed(void **state)
{
	char path[] = "/tmp/netfence-resolv.XXXXXX";
	int fd = mkstemp(path);
	struct ruleset *ruleset = compile_main("others: {egress: []}\n");

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_null(ruleset->resolv_conf);
	assert_int_equal(ruleset_resolvers_changed(ruleset), 0);
	ruleset_free(ruleset);

	ruleset = compile_main(ASK);
	ruleset->resolv_conf = path;
	write_file(path, "search other.example\nnameserver 192.0.2.53\n");
	assert_int_equal(ruleset_resolvers_changed(ruleset), 0);
	write_file(path, "nameserver 192.0.2.54\n");
	assert_int_equal(ruleset_resolvers_changed(ruleset), 1);
	write_file(path, "nameserver 192.0.2.53\nnameserver 2001:db8::1\n");
	assert_int_equal(ruleset_resolvers_changed(ruleset), 1);
	unlink(path);
	assert_int_equal(ruleset_resolvers_changed(ruleset), 1);
	ruleset->resolv_conf = "/";
	assert_int_equal(ruleset_resolvers_changed(ruleset), -EISDIR);
	ruleset_free(ruleset);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_resolvers),
		cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
