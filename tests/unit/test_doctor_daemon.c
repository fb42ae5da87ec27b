/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What netfenced and the rules say of themselves, and what the doctor makes of it. */
#include "doctor_util.h"

#include <json-c/json.h>

#include "doctor/firewalls.h"

#define GOOD                                                                                  \
	"\"version\":\"" NETFENCE_VERSION "\",\"engine\":\"iptables\","                       \
	"\"families\":{\"ipv4\":{\"state\":\"in force\"},\"ipv6\":{\"state\":\"in force\"}}," \
	"\"rules\":{\"state\":\"in force\",\"source\":\"files\",\"confirm_until\":0},"        \
	"\"repairs\":{\"contested\":false},\"cannot_cut\":false,\"degraded\":false"

static const struct {
	const char *status;
	const char *id;
	enum finding_grade grade;
	const char *text;
} answers[] = {
	{ "{" GOOD ",\"families\":{\"ipv4\":{\"state\":\"in force\"},\"ipv6\":{\"state\":"
	  "\"broken\",\"reason\":\"no lock\"}}}",
	    "daemon.family", FINDING_FAIL, "IPv6: not in force: broken, no lock" },
	{ "{" GOOD ",\"families\":{\"ipv6\":{\"state\":\"starting\"}}}", "daemon.family",
	    FINDING_UNKNOWN, "IPv6: netfenced is about to begin" },
	{ "{" GOOD ",\"families\":{\"ipv6\":{\"state\":\"absent\"}}}", "daemon.family", FINDING_OK,
	    "IPv6: not in this kernel: nothing to fence" },
	{ "{" GOOD ",\"rules\":{\"state\":\"unusable\"}}", "daemon.rules", FINDING_FAIL,
	    "rules: none can be used: every session is refused but root's" },
	{ "{" GOOD ",\"rules\":{\"state\":\"in force\",\"source\":\"last good\"}}", "daemon.rules",
	    FINDING_FAIL,
	    "rules: the files have errors: the last good rules are in force, not these" },
	{ "{" GOOD ",\"rules\":{\"source\":\"rollback\"}}", "daemon.pinned", FINDING_WARN,
	    "rules: the previous ones are in force, after a rollback or for want of a confirm" },
	{ "{" GOOD ",\"rules\":{\"source\":\"files\",\"confirm_until\":5}}", "daemon.confirm",
	    FINDING_WARN,
	    "rules: in force on trial: the previous ones return if nobody confirms them" },
	{ "{" GOOD ",\"repairs\":{\"contested\":true}}", "daemon.contested", FINDING_FAIL,
	    "tables: contested: another program keeps taking netfence's rules away" },
	{ "{" GOOD ",\"cannot_cut\":true}", "daemon.cut", FINDING_WARN,
	    "sockets: this kernel cannot cut what a user has open when the fence comes up" },
	{ "{" GOOD ",\"denials\":{\"state\":\"away\",\"reason\":\"group 5 is taken\"}}",
	    "daemon.denials", FINDING_WARN, "denials: held, and not logged: group 5 is taken" },
	{ "{" GOOD ",\"version\":\"0.9\"}", "daemon.version", FINDING_WARN,
	    "netfenced: is 0.9, netfencectl " NETFENCE_VERSION },
	{ "{" GOOD ",\"off\":true}", "daemon.off", FINDING_FAIL,
	    "netfenced: switched off by hand: nobody is fenced" },
	{ "{" GOOD ",\"off\":{\"until\":5,\"reason\":\"migration\"}}", "daemon.off", FINDING_FAIL,
	    "netfenced: switched off by hand: nobody is fenced: migration" },
	{ "{" GOOD ",\"grants\":2}", "daemon.grants", FINDING_WARN,
	    "grants: 2 in force, beside the rules" },
	{ "{" GOOD ",\"grants\":[{}]}", "daemon.grants", FINDING_WARN,
	    "grants: 1 in force, beside the rules" },
	{ "{" GOOD ",\"problems\":[{\"id\":\"off\"},{\"id\":\"new\",\"text\":\"it hurts\"}]}",
	    "daemon.degraded", FINDING_FAIL, "netfenced: it hurts" },
	{ "{" GOOD ",\"degraded\":true}", "daemon.degraded", FINDING_FAIL,
	    "netfenced: says that something is amiss" },
};

static const char *const all_well[] = {
	"{" GOOD "}",
	"{" GOOD ",\"off\":null,\"grants\":0}",
	"{" GOOD ",\"off\":false,\"grants\":[]}",
	"{" GOOD ",\"off\":{}}",
};

static void
ask(const char *status)
{
	doctor.status = json_tokener_parse(status);
	assert_non_null(doctor.status);
	doctor_daemon(&doctor);
	json_object_put(doctor.status);
	doctor.status = NULL;
}

static void
test_what_netfenced_says(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		ask(answers[i].status);
		/* Of two members of one name json-c takes the last. */
		among(answers[i].id, answers[i].grade, answers[i].text);
		forget();
	}
	for (i = 0; i < sizeof(all_well) / sizeof(all_well[0]); i++) {
		ask(all_well[i]);
		silent();
		forget();
	}
}

static void
test_netfenced_is_away(void **state)
{
	(void)state;
	strcpy(doctor.away.text, "no such file");
	doctor_daemon(&doctor);
	says("daemon.away", FINDING_FAIL, "netfenced: does not answer: no such file");
}

static void
test_a_kernel_that_does_not_tell_whose_orphans_are(void **state)
{
	(void)state;
	put("/proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
	ask("{" GOOD "}");
	says("daemon.orphans", FINDING_WARN,
	    "sockets: this kernel, before Linux 6.17, does not tell whose a connection was that a "
	    "process has left behind: what it has still to send goes out");
	forget();
	put("/proc/sys/kernel/osrelease", "5.17.1\n");
	ask("{" GOOD "}");
	assert_int_equal(doctor.findings.count[FINDING_WARN], 1);
	forget();
	put("/proc/sys/kernel/osrelease", "6.17.0-rc1\n");
	ask("{" GOOD "}");
	silent();
	forget();
	put("/proc/sys/kernel/osrelease", "7.0.2\n");
	ask("{" GOOD "}");
	silent();
}

static void
test_ipv6_is_there_and_not_fenced(void **state)
{
	(void)state;
	put("/proc/sys/net/ipv6/x", "");
	ask("{" GOOD ",\"families\":{\"ipv6\":{\"state\":\"absent\"}}}");
	assert_int_equal(doctor.findings.count[FINDING_FAIL], 1);
}

static void
test_rules_that_cannot_be_used(void **state)
{
	(void)state;
	strcpy(doctor.no_set.text, "the rules have 2 errors");
	doctor_rules(&doctor);
	says("rules.errors", FINDING_FAIL,
	    "rules: the rules have 2 errors; whom they fence has not been looked at "
	    "(/etc/netfence)");
}

#define OURS(flags)                                                                 \
	"table inet netfence {\n" flags "\tchain NETFENCE {\n\t\ttype filter hook " \
	"output priority filter; policy accept;\n\t}\n}\n"

static void
test_nft_as_the_engine(void **state)
{
	char with[] = OURS(""), dormant[] = OURS("\tflags dormant\n");
	char bare[] = "table inet netfence {\n\tchain NETFENCE {\n\t}\n}\n"
		      "table inet filter {\n\tchain out {\n\t\ttype filter hook output priority "
		      "0;\n\t}\n}\n";
	char without[] = "table inet filter {\n}\n", again[] = "table inet filter {\n}\n";

	(void)state;
	doctor.status = json_tokener_parse("{\"engine\":\"nftables\",\"fences\":{\"users\":1}}");
	assert_true(firewalls_judge_nft(&doctor, with, false));
	says("tables.jump", FINDING_OK,
	    "nftables: table inet netfence is there, at the output hook");
	forget();
	assert_false(firewalls_judge_nft(&doctor, again, false));
	assert_int_equal(doctor.findings.n, 0);
	assert_true(firewalls_judge_nft(&doctor, without, true));
	says("tables.jump", FINDING_FAIL, "nftables: no table inet netfence: nobody is fenced");
	forget();
	assert_true(firewalls_judge_nft(&doctor, dormant, true));
	says("tables.jump", FINDING_FAIL,
	    "nftables: table inet netfence is dormant: nobody is fenced");
	forget();
	assert_true(firewalls_judge_nft(&doctor, bare, true));
	says("tables.jump", FINDING_FAIL,
	    "nftables: no chain of table inet netfence is at the output hook: nobody is fenced");
	json_object_put(doctor.status);
}

static void
test_a_ruleset_that_takes_ours_along(void **state)
{
	char flushes[] = "#!/usr/sbin/nft -f\n\nflush ruleset\n\ntable inet filter {\n}\n";
	char careful[] = "# flush ruleset\nflush table inet filter\n";

	(void)state;
	firewalls_judge_file(&doctor, "/etc/nftables.conf", careful);
	assert_int_equal(doctor.findings.n, 0);
	firewalls_judge_file(&doctor, "/etc/nftables.conf", flushes);
	says("firewalls.flush", FINDING_WARN,
	    "/etc/nftables.conf: `flush ruleset` takes the fence away, for up to two seconds, "
	    "whenever it is loaded");
}

/* ---------------------------------------------------------------- processes */

static unsigned int asked;

/* The second answer is another one. */
static void
log_in(struct doctor *asking)
{
	json_object_put(asking->sessions);
	asking->sessions = json_tokener_parse(
	    asked++ ? "{\"sessions\":[{\"uid\":4000,\"state\":\"active\"}]}" : "{\"sessions\":[]}");
}

static void
test_processes(void **state)
{
	static const char *const fenced[] = { "active", "held", "expired", "always" };
	char answer[128];
	size_t i;

	(void)state;
	put("/proc/100/status", "Name:\tcron job\nState:\tS\nUid:\t0\t4000\t0\t0\n");
	put("/proc/101/status", "Name:\tx\nState:\tS\nUid:\t4000\t4000\t4000\t4000\n");
	put("/proc/102/status", "Name:\tdead\nState:\tZ\nUid:\t4001\t4001\t4001\t4001\n");
	put("/proc/103/status", "Name:\tother\nState:\tS\nUid:\t5\t5\t5\t5\n");
	doctor_processes(&doctor);
	assert_int_equal(the("processes.free")->grade, FINDING_UNKNOWN);
	forget();
	doctor.sessions = json_tokener_parse("{\"sessions\":[{\"uid\":4000,\"state\":\"free\"}]}");
	doctor_processes(&doctor);
	says("processes.free", FINDING_FAIL, "alice: process 100 (cron job) runs without a fence");
	assert_string_equal(the("processes.free")->mend,
	    "It and 1 more: `always: true` in groups/supporters, or end them.");
	forget();
	for (i = 0; i < sizeof(fenced) / sizeof(fenced[0]); i++) {
		json_object_put(doctor.sessions);
		snprintf(answer, sizeof(answer), "{\"sessions\":[{\"uid\":4000,\"state\":\"%s\"}]}",
		    fenced[i]);
		doctor.sessions = json_tokener_parse(answer);
		doctor_processes(&doctor);
		says("processes.free", FINDING_OK,
		    "processes: none of a fenced user without a fence");
		forget();
	}
	/* Who logs in while the doctor looks. */
	asked = 0;
	doctor.refresh = log_in;
	doctor_processes(&doctor);
	says("processes.free", FINDING_OK, "processes: none of a fenced user without a fence");
	assert_int_equal(asked, 2);
	json_object_put(doctor.sessions);
}

/* ---------------------------------------------------------------- people */

#define US "\037"
#define RS "\036"

static void
test_people_are_read(void **state)
{
	struct policy policies[2] = { { .name = "one" }, { .name = "two" } };
	const struct ruleset set = { .n_policies = 2, .policies = policies };
	char good[] = "carol" US "4001" US "1" US "/home/carol" US "" US "a" RS "b c" RS "\n"
		      "alice" US "4000" US "0" US "/home/alice" US "bad range" US "\n" RS "alice" US
		      "twin\n" US "7\n";
	char cut[] = "carol" US "4001" US "1" US "/home/carol" US "" US "\n";
	char strange[] = "carol" US "4001" US "2" US "/home/carol" US "" US "\n" US "0\n";
	struct fenced fenced = { .n = 0 };
	struct why why;

	(void)state;
	assert_int_equal(fenced_parse(&set, good, &fenced, &why), 0);
	assert_int_equal(fenced.n, 2);
	assert_int_equal(fenced.more, 7);
	assert_string_equal(fenced.users[0].name, "alice");
	assert_string_equal(fenced.users[0].flaw, "bad range");
	assert_ptr_equal(fenced.users[1].policy, &policies[1]);
	assert_true(fenced_in_group(&fenced.users[1], "b c"));
	assert_false(fenced_in_group(&fenced.users[0], "a"));
	assert_int_equal(fenced.n_twins, 1);
	assert_string_equal(fenced.twins[0].twin, "twin");
	assert_ptr_equal(fenced_by_uid(&fenced, 4001), &fenced.users[1]);
	assert_null(fenced_by_name(&fenced, "bob"));
	fenced_free(&fenced);
	/* A child that ended early has said nothing. */
	assert_int_equal(fenced_parse(&set, cut, &fenced, &why), -EPROTO);
	fenced_free(&fenced);
	assert_int_equal(fenced_parse(&set, strange, &fenced, &why), -EPROTO);
	fenced_free(&fenced);
}

static void
test_the_name_service_is_away(void **state)
{
	struct ruleset set = { .n_policies = 0 };

	(void)state;
	doctor.set = &set;
	strcpy(doctor.no_fenced.text, "no answer within 20 s");
	doctor_people(&doctor);
	says("people.service", FINDING_FAIL,
	    "name service: no answer within 20 s: no user has been looked at, and logins wait for "
	    "it too");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_netfenced_says),
		TEST(test_netfenced_is_away),
		TEST(test_a_kernel_that_does_not_tell_whose_orphans_are),
		TEST(test_ipv6_is_there_and_not_fenced),
		TEST(test_rules_that_cannot_be_used),
		TEST(test_nft_as_the_engine),
		TEST(test_a_ruleset_that_takes_ours_along),
		TEST(test_processes),
		TEST(test_people_are_read),
		TEST(test_the_name_service_is_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
