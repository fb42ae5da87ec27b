/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../engine/sketch.h"
#include "iptables/layout.h"
#include "iptables/text.h"

#define R4     "-j REJECT --reject-with icmp-admin-prohibited\n"
#define R6     "-j REJECT --reject-with icmp6-adm-prohibited\n"
#define HEADER "-m ipv6header --header ipv6-route --soft "
#define LOCAL  "-o lo -m addrtype --dst-type LOCAL "
#define KNOWN  "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j RETURN\n"

#define NFLOG(names, mark)                                                                    \
	"-m hashlimit --hashlimit-upto 500/sec --hashlimit-burst 500 --hashlimit-name " names \
	".log.all --hashlimit-htable-size 1 "                                                 \
	"-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 20 "                           \
	"--hashlimit-mode dstip,dstport --hashlimit-name " names ".log.each "                 \
	"--hashlimit-htable-size 256 --hashlimit-htable-max 16384 "                           \
	"--hashlimit-htable-expire 20000 -j NFLOG --nflog-prefix \"" names "," mark "\" "     \
	"--nflog-group 7\n"

#define P "NETFENCE:p"
#define M "0000000000ff"

struct wish {
	const char *sketch;
	enum policy_log log;
	enum policy_mode mode;
	uint32_t logged_rule; /* from 1 */
	bool nobody;          /* listens */
};

static const char *
text_of(const struct wish *wish, enum family family)
{
	static char *text;
	struct arena *arena = arena_new();
	struct policy *policy = sketch(arena, "p", wish->sketch);
	const struct policy *policies[] = { policy };
	const struct fence fence = { 1000, 1000, 0 };
	const struct fence_plan plan = { 1, policies, 1, &fence, !wish->nobody, 7, 0 };
	size_t size = 0;
	char *begin;
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	policy->mark = 0xff;
	policy->log = wish->log;
	policy->mode = wish->mode;
	if (wish->logged_rule)
		policy->egress[wish->logged_rule - 1].log = true;
	assert_int_equal(iptables_rules_text(&plan, family, out), 0);
	fclose(out);
	arena_free(arena);
	begin = strstr(text, "-A NETFENCE");
	begin = strchr(begin, '\n') + 1; /* the owner's rule */
	*strstr(begin, "COMMIT") = '\0';
	return begin;
}

/* What is denied goes to a chain of the rule's own, which logs it first; what no rule matches is
 * logged where it is. What is allowed meets no rule more than without a log. */
static void
test_denied(void **state)
{
	static const struct wish wish = { "allow tcp/22 any; reject any 10.0.0.0/8; drop udp any;"
					  "loopback none",
		POLICY_LOG_DENIED, POLICY_ENFORCE, 0, false };

	(void)state;
	assert_string_equal(text_of(&wish, FAMILY_IPV4),
	    "-A " P " " LOCAL "-g " P "%0\n"
	    "-A " P " -p tcp -m tcp --dport 22 -j RETURN\n"
	    "-A " P " -d 10.0.0.0/8 -g " P "%2\n"
	    "-A " P " -p udp -g " P "%3\n"
	    "-A " P " " NFLOG(P, "default,denied," M) "-A " P " " R4 "-A " P "%0 " NFLOG(
		P, "loopback,denied," M) "-A " P "%0 " R4 "-A " P "%2 " NFLOG(P,
		"2,denied," M) "-A " P "%2 " R4 "-A " P
			       "%3 " NFLOG(P, "3,denied," M) "-A " P "%3 -j DROP\n");
}

static void
test_nothing(void **state)
{
	static const char sketched[] = "allow tcp/22 any; reject any 10.0.0.0/8; drop udp any";
	static const char plain[] = "-A " P " " LOCAL "-j RETURN\n"
				    "-A " P " -p tcp -m tcp --dport 22 -j RETURN\n"
				    "-A " P " -d 10.0.0.0/8 " R4 "-A " P " -p udp -j DROP\n"
				    "-A " P " " R4;
	struct wish wish = { sketched, POLICY_LOG_NONE, POLICY_ENFORCE, 0, false };

	(void)state;
	assert_string_equal(text_of(&wish, FAMILY_IPV4), plain);
	wish.log = POLICY_LOG_ALL;
	wish.nobody = true;
	assert_string_equal(text_of(&wish, FAMILY_IPV4), plain);
}

/* `log: true`, whatever the policy says. */
static void
test_a_rule_of_its_own(void **state)
{
	struct wish wish = { "allow tcp/22 any; reject any 10.0.0.0/8", POLICY_LOG_NONE,
		POLICY_ENFORCE, 2, false };

	(void)state;
	assert_string_equal(text_of(&wish, FAMILY_IPV4),
	    "-A " P " " LOCAL "-j RETURN\n"
	    "-A " P " -p tcp -m tcp --dport 22 -j RETURN\n"
	    "-A " P " -d 10.0.0.0/8 -g " P "%2\n"
	    "-A " P " " R4 "-A " P "%2 " NFLOG(P, "2,denied," M) "-A " P "%2 " R4);
	wish.logged_rule = 1;
	assert_string_equal(text_of(&wish, FAMILY_IPV4),
	    "-A " P " " LOCAL "-j RETURN\n"
	    "-A " P " -p tcp -m tcp --dport 22 -g " P "%1\n"
	    "-A " P " -d 10.0.0.0/8 " R4 "-A " P " " R4 "-A " P "%1 " KNOWN "-A " P
	    "%1 " NFLOG(P, "1,allowed," M));
}

static void
test_all(void **state)
{
	static const struct wish wish = { "allow tcp/22 any; default allow; serve all",
		POLICY_LOG_ALL, POLICY_ENFORCE, 0, false };

	(void)state;
	assert_string_equal(text_of(&wish, FAMILY_IPV4),
	    "-A " P " -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j RETURN\n"
	    "-A " P " " LOCAL "-j RETURN\n"
	    "-A " P " -p tcp -m tcp --dport 22 -g " P "%1\n"
	    "-A " P " " KNOWN "-A " P " " NFLOG(P,
		"default,allowed," M) "-A " P "%1 " KNOWN "-A " P "%1 " NFLOG(P, "1,allowed," M));
}

/* All of it passes. */
static void
test_observed(void **state)
{
	static const struct wish wish = { "allow tcp/22 any; reject any 10.0.0.0/8; drop udp any;"
					  "loopback none",
		POLICY_LOG_DENIED, POLICY_OBSERVE, 0, false };
	const char *text;

	(void)state;
	text = text_of(&wish, FAMILY_IPV4);
	assert_string_equal(text,
	    "-A " P " " LOCAL "-g " P "%0\n"
	    "-A " P " -p tcp -m tcp --dport 22 -j RETURN\n"
	    "-A " P " -d 10.0.0.0/8 -g " P "%2\n"
	    "-A " P " -p udp -g " P "%3\n"
	    "-A " P " " NFLOG(P,
		"default,observed," M) "-A " P " -j RETURN\n"
				       "-A " P
				       "%0 " NFLOG(P, "loopback,observed," M) "-A " P "%2 " NFLOG(
					   P, "2,observed," M) "-A " P
							       "%3 " NFLOG(P, "3,observed," M));
}

static void
test_routing_headers(void **state)
{
	struct wish wish = { "allow any any", POLICY_LOG_DENIED, POLICY_ENFORCE, 0, false };

	(void)state;
	assert_string_equal(text_of(&wish, FAMILY_IPV6),
	    "-A NETFENCE%routing " NFLOG("NETFENCE%routing",
		"routing-header,denied,000000000000") "-A NETFENCE%routing " R6 "-A " P " " HEADER
						      "-g NETFENCE%routing\n"
						      "-A " P " " LOCAL "-j RETURN\n"
						      "-A " P " -j RETURN\n"
						      "-A " P " " NFLOG(
							  P, "default,denied," M) "-A " P " " R6);
	wish.mode = POLICY_OBSERVE;
	assert_non_null(strstr(text_of(&wish, FAMILY_IPV6), HEADER "-g NETFENCE%observed\n"));
	wish.log = POLICY_LOG_NONE;
	assert_non_null(strstr(text_of(&wish, FAMILY_IPV6), HEADER "-j RETURN\n"));
}

/* Two policies that deny the same long list share it, logged or not, but not with each other. */
static void
test_lists(void **state)
{
#define ELEVEN                                                                        \
	"10.1.0.1 10.1.0.3 10.1.0.5 10.1.0.7 10.1.0.9 10.1.0.11 10.1.0.13 10.1.0.15 " \
	"10.1.0.17 10.1.0.19 10.1.0.21"
	struct arena *arena = arena_new();
	struct policy *policies[3];
	const struct policy *list[3];
	const struct fence fences[] = { { 1000, 1000, 0 }, { 1001, 1001, 1 }, { 1002, 1002, 2 } };
	const struct fence_plan plan = { 3, list, 3, fences, true, 7, 0 };
	static const char *const names[] = { "p", "q", "r" };
	char *text = NULL, *at, name[32];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	unsigned int i, n = 0;

	(void)state;
	for (i = 0; i < 3; i++)
		list[i] = policies[i] =
		    sketch(arena, names[i], "reject tcp/1+tcp/3+udp/3+50 " ELEVEN);
	policies[2]->log = POLICY_LOG_NONE;
	assert_int_equal(iptables_rules_text(&plan, FAMILY_IPV4, out), 0);
	fclose(out);
	for (at = text; (at = strstr(at, "\n:NETFENCE=")); at++)
		n++;
	assert_int_equal(n, 3); /* the logged list, what logs it, the other list */
	at = strstr(text, "-A " P " -p tcp -m multiport");
	if (!at)
		at = strstr(text, "-A " P " -p tcp -m tcp --dport 1 -j NETFENCE=");
	assert_non_null(at);
	snprintf(name, sizeof(name), "%.25s", strstr(at, "NETFENCE="));
	assert_int_equal(strlen(name), 25);
	out = open_memstream(&at, &size);
	fprintf(out, "-A %s -d 10.1.0.21/32 -g %s%%0\n", name, name);
	fflush(out);
	assert_non_null(strstr(text, at));
	rewind(out);
	fprintf(out, ",list,denied,000000000000\" --nflog-group 7\n-A %s%%0 " R4, name);
	fflush(out);
	assert_non_null(strstr(text, at));
	fclose(out);
	free(at);
	free(text);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_a_rule_of_its_own),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_observed),
		cmocka_unit_test(test_routing_headers),
		cmocka_unit_test(test_lists),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
