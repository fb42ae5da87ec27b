/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_util.h"

#include "doctor/stack.h"

#define LINE "session requisite pam_netfence.so\n"
#define REST "session required pam_permit.so\n"

/* ---------------------------------------------------------------- reading stacks */

static void
test_reads_lines(void **state)
{
	struct stack stack;
	struct why why;

	(void)state;
	put("/etc/pam.d/one",
	    "# nothing\n"
	    "auth required pam_unix.so\n"
	    "-session  [success=1 default=ignore]\t/lib/security/pam_x.so a [b c\\] d] # e\n"
	    "SESSION required \\\n  pam_y.so\n"
	    "session required pam_z.so\n");
	assert_int_equal(stack_read(&doctor.host, "one", "session", &stack, &why), 0);
	assert_int_equal(stack.n, 3);
	assert_string_equal(stack.lines[0].module, "pam_x.so");
	assert_string_equal(stack.lines[0].path, "/lib/security/pam_x.so");
	assert_string_equal(stack.lines[0].control, "[success=1 default=ignore]");
	assert_int_equal(stack.lines[0].argc, 2);
	assert_string_equal(stack.lines[0].argv[1], "b c] d");
	assert_int_equal(stack.lines[0].line, 3);
	assert_string_equal(stack.lines[1].module, "pam_y.so");
	assert_int_equal(stack.lines[1].line, 4);
	assert_int_equal(stack.lines[2].line, 6);
	stack_free(&stack);
}

static void
test_follows_includes(void **state)
{
	struct stack stack;
	struct why why;

	(void)state;
	put("/etc/pam.d/one", "@include common\n"
			      "session include vendor\n"
			      "session substack inner\n"
			      "session required pam_end.so\n");
	put("/etc/pam.d/common", "session required pam_a.so\nauth required pam_no.so\n");
	put("/usr/lib/pam.d/vendor", "session required pam_b.so\n");
	put("/etc/pam.d/inner", "session required pam_c.so\n");
	assert_int_equal(stack_read(&doctor.host, "one", "session", &stack, &why), 0);
	assert_int_equal(stack.n, 5);
	assert_string_equal(stack.lines[0].file, "/etc/pam.d/common");
	assert_string_equal(stack.lines[1].file, "/usr/lib/pam.d/vendor");
	assert_int_equal(stack.lines[1].own, 2);
	assert_string_equal(stack.lines[2].module, "");
	assert_int_equal(stack.lines[2].end, 4);
	assert_int_equal(stack.lines[3].scope, 2);
	assert_int_equal(stack.lines[4].scope, STACK_TOP);
	assert_string_equal(stack.file, "/etc/pam.d/one");
	stack_free(&stack);
	put("/etc/pam.d/loop", "@include loop\n");
	assert_int_equal(stack_read(&doctor.host, "loop", "session", &stack, &why), -ELOOP);
	stack_free(&stack);
	put("/etc/pam.d/lost", "session include nowhere\n");
	assert_int_equal(stack_read(&doctor.host, "lost", "session", &stack, &why), -ENOENT);
	assert_non_null(strstr(why.text, "nowhere"));
	stack_free(&stack);
}

static const struct {
	const char *control;
	bool can;
} refusals[] = {
	{ "required", true },
	{ "requisite", true },
	{ "Requisite", true },
	{ "sufficient", false },
	{ "optional", false },
	{ "[success=ok default=die]", true },
	{ "[success=ok ignore=ignore default=bad]", true },
	{ "[success=ok]", true },
	{ "[default=ignore]", false },
	{ "[session_err=die default=ignore]", true },
	{ "[session_err=ignore default=die]", false },
	{ "[default=done]", false },
};

static void
test_knows_what_refuses(void **state)
{
	struct stack_line line = { .control = NULL };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		line.control = (char *)(uintptr_t)refusals[i].control;
		if (stack_can_refuse(&line) != refusals[i].can)
			fail_msg("%s", refusals[i].control);
	}
}

/* Stacks around "session requisite pam_netfence.so", and the line that goes round it; 0: none. */
static const struct {
	const char *text;
	uint32_t by;
} ways[] = {
	{ LINE, 0 },
	{ "session required pam_a.so\n" LINE, 0 },
	{ "session optional pam_a.so\n" LINE, 0 },
	{ "session sufficient pam_a.so\n" LINE, 1 },
	{ LINE "session sufficient pam_a.so\n", 0 },
	{ "session required pam_a.so\nsession [success=done default=ignore] pam_b.so\n" LINE, 2 },
	{ "session [success=1 default=ignore] pam_succeed_if.so uid < 1000\n" LINE
	  "session required pam_b.so\n",
	    1 },
	/* What Debian's pam-auth-update writes. */
	{ "session [default=1] pam_permit.so\nsession requisite pam_deny.so\n"
	  "session required pam_permit.so\n" LINE,
	    0 },
	{ "session [default=1] pam_permit.so\n" LINE "session required pam_permit.so\n", 1 },
	{ "session [success=2 default=ignore] pam_a.so\nsession required pam_b.so\n" LINE, 1 },
	{ "session [success=1 default=ignore] pam_a.so\nsession required pam_b.so\n" LINE, 0 },
	/* The end of a substack is not that of the stack. */
	{ "session substack done\n" LINE, 0 },
	{ "session include done\n" LINE, 1 },
	/* It counts as one. */
	{ "session [success=1 default=ignore] pam_a.so\nsession substack done\n" LINE, 0 },
	{ "session [success=2 default=ignore] pam_a.so\nsession substack done\n" LINE, 1 },
	{ "session substack fence\n", 0 },
	{ "session [success=1 default=ignore] pam_a.so\nsession substack fence\n", 1 },
	/* Whoever is refused does not come round. */
	{ "session [success=ok default=die] pam_a.so\n" LINE, 0 },
	{ "session requisite pam_deny.so\n" LINE, 0 },
};

static void
test_finds_ways_round(void **state)
{
	struct stack stack;
	struct why why;
	uint32_t by, at;
	size_t i;

	(void)state;
	put("/etc/pam.d/done", "session sufficient pam_x.so\n");
	put("/etc/pam.d/fence", LINE);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		put("/etc/pam.d/one", ways[i].text);
		assert_int_equal(stack_read(&doctor.host, "one", "session", &stack, &why), 0);
		at = stack_find(&stack, "pam_netfence.so", 0);
		assert_true(at < stack.n);
		if (stack_avoids(&stack, at, &by) != (ways[i].by != 0) ||
		    (ways[i].by && stack.lines[by].own != ways[i].by))
			fail_msg("%s", ways[i].text);
		stack_free(&stack);
	}
}

/* ---------------------------------------------------------------- judging services */

static void
program(const char *path)
{
	put_mode(path, "", 0755);
}

static void
test_a_service_without_the_line(void **state)
{
	(void)state;
	program("/usr/sbin/cron");
	put("/etc/pam.d/cron", "session required pam_loginuid.so\n"
			       "session required pam_env.so\n@include common-session\n");
	put("/etc/pam.d/common-session", "session required pam_unix.so\n");
	doctor_pam(&doctor);
	says("pam.line", FINDING_FAIL,
	    "cron: no pam_netfence.so line: its sessions are free (/etc/pam.d/cron)");
	assert_string_equal(
	    the("pam.line")->mend, "Ahead of its line 2: session requisite pam_netfence.so");
}

static void
test_a_service_with_the_line(void **state)
{
	(void)state;
	program("/usr/sbin/cron");
	put("/etc/pam.d/cron", "@include common-session\n");
	put("/etc/pam.d/common-session", LINE "session optional pam_systemd.so\n");
	doctor_pam(&doctor);
	says("pam.line", FINDING_OK, "cron: pam_netfence.so is in the stack and can refuse");
}

static void
test_what_nobody_can_use(void **state)
{
	(void)state;
	put("/etc/pam.d/lightdm", "session required pam_unix.so\n");
	put("/etc/pam.d/passwd", "session required pam_unix.so\n");
	put("/etc/pam.d/systemd-user", "session required pam_unix.so\n");
	put("/etc/pam.d/ftp", "auth required pam_unix.so\n");
	put("/etc/pam.d/su.dpkg-old", "session required pam_unix.so\n");
	doctor_pam(&doctor);
	assert_int_equal(doctor.findings.n, 0);
	program("/usr/bin/su");
	put("/run/systemd/system/x", "");
	doctor_pam(&doctor);
	says("pam.line", FINDING_FAIL,
	    "systemd-user: no pam_netfence.so line: its sessions are free "
	    "(/etc/pam.d/systemd-user)");
}

static void
test_what_is_not_known(void **state)
{
	(void)state;
	put("/etc/pam.d/vsftpd", "session required pam_unix.so\n");
	doctor_pam(&doctor);
	says("pam.line", FINDING_WARN,
	    "vsftpd: no pam_netfence.so line: its sessions are free (/etc/pam.d/vsftpd)");
	forget();
	program("/usr/sbin/vsftpd");
	doctor_pam(&doctor);
	assert_int_equal(the("pam.line")->grade, FINDING_FAIL);
}

static void
test_the_file_in_etc_goes_first(void **state)
{
	(void)state;
	program("/usr/bin/su");
	put("/etc/pam.d/su", LINE REST);
	put("/usr/lib/pam.d/su", "session required pam_unix.so\n");
	doctor_pam(&doctor);
	says("pam.line", FINDING_OK, "su: pam_netfence.so is in the stack and can refuse");
}

static void
test_without_session_lines_other_counts(void **state)
{
	(void)state;
	program("/usr/bin/su");
	put("/etc/pam.d/su", "auth required pam_unix.so\n");
	put("/etc/pam.d/other", "session required pam_unix.so\n");
	doctor_pam(&doctor);
	says("pam.line", FINDING_FAIL,
	    "su: no pam_netfence.so line: its sessions are free (/etc/pam.d/other)");
}

static const struct {
	const char *text;
	const char *id;
	enum finding_grade grade;
	const char *says;
} lines[] = {
	{ "session optional pam_netfence.so\n", "pam.control", FINDING_FAIL,
	    "su: \"optional\": who cannot be fenced is let in all the same (/etc/pam.d/su:1)" },
	{ "session sufficient pam_netfence.so\n", "pam.control", FINDING_FAIL,
	    "su: \"sufficient\": who cannot be fenced is let in all the same (/etc/pam.d/su:1)" },
	{ "session requisite pam_netfence.so onerr=succeed\n", "pam.onerr", FINDING_WARN,
	    "su: onerr=succeed: whoever cannot be fenced is let in without a fence "
	    "(/etc/pam.d/su:1)" },
	{ "session requisite pam_netfence.so onerr=maybe\n", "pam.options", FINDING_FAIL,
	    "su: onerr=maybe: fail or succeed is wanted (/etc/pam.d/su:1)" },
	{ "session requisite pam_netfence.so socket=/tmp/x\n", "pam.socket", FINDING_FAIL,
	    "su: socket=/tmp/x, and netfenced listens at /run/netfence/netfenced.sock "
	    "(/etc/pam.d/su:1)" },
	{ "session requisite pam_netfence.so admin_group=staff,wheel\n", "pam.admin", FINDING_FAIL,
	    "su: carol never fenced here, though the rules name them: admin_group wheel "
	    "(/etc/pam.d/su:1)" },
	{ "session optional pam_systemd.so\n" LINE, "pam.order", FINDING_WARN,
	    "su: pam_systemd before pam_netfence.so: it starts the user's own services before the "
	    "fence (/etc/pam.d/su:1)" },
	{ "session sufficient pam_unix.so\n" LINE, "pam.around", FINDING_FAIL,
	    "su: pam_unix.so (sufficient) can end the stack before pam_netfence.so or jumps over "
	    "it (/etc/pam.d/su:1)" },
	{ "session [success=1 default=ignore] pam_succeed_if.so user ingroup x\n" LINE,
	    "pam.around", FINDING_WARN,
	    "su: pam_succeed_if.so ([success=1 default=ignore]) can go around pam_netfence.so "
	    "(/etc/pam.d/su:1)" },
	{ "-session requisite /opt/pam_netfence.so\n", "pam.module", FINDING_FAIL,
	    "su: the module that the line names is not there (/etc/pam.d/su:1)" },
	{ "session include nowhere\n", "pam.unreadable", FINDING_UNKNOWN,
	    "su: PAM file nowhere: No such file or directory" },
	/* On trial and in earnest: the one that refuses counts. */
	{ "session optional pam_netfence.so\n" LINE, "pam.line", FINDING_OK,
	    "su: pam_netfence.so is in the stack and can refuse" },
};

static void
test_lines_that_are_wrong(void **state)
{
	char text[512];
	size_t i;

	(void)state;
	program("/usr/bin/su");
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text), "%s" REST, lines[i].text);
		put("/etc/pam.d/su", text);
		doctor_pam(&doctor);
		says(lines[i].id, lines[i].grade, lines[i].says);
		assert_int_equal(doctor.findings.n, 1);
		forget();
	}
}

static void
test_alone_in_its_stack(void **state)
{
	(void)state;
	program("/usr/bin/su");
	put("/etc/pam.d/su", LINE LINE);
	doctor_pam(&doctor);
	says("pam.alone", FINDING_WARN,
	    "su: no other module: whoever is not fenced is refused (/etc/pam.d/su:1)");
}

static void
test_rules_that_fence_nobody(void **state)
{
	struct ruleset set = { .n_policies = 0 };

	(void)state;
	program("/usr/bin/su");
	put("/etc/pam.d/su", REST);
	doctor.set = &set;
	doctor_pam(&doctor);
	assert_int_equal(the("pam.line")->grade, FINDING_WARN);
	forget();
	set.who.others = true;
	doctor_pam(&doctor);
	assert_int_equal(the("pam.line")->grade, FINDING_FAIL);
}

static void
test_one_mistake_of_many_services(void **state)
{
	(void)state;
	program("/usr/bin/su");
	program("/usr/sbin/atd");
	put("/etc/pam.d/su", "@include common-session\n");
	put("/etc/pam.d/atd", "@include common-session\n");
	put("/etc/pam.d/common-session", "session optional pam_netfence.so\n" REST);
	doctor_pam(&doctor);
	findings_join(&doctor.findings);
	says("pam.control", FINDING_FAIL,
	    "atd, su: \"optional\": who cannot be fenced is let in all the same "
	    "(/etc/pam.d/common-session:1)");
	assert_int_equal(doctor.findings.count[FINDING_FAIL], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reads_lines),
		TEST(test_follows_includes),
		TEST(test_knows_what_refuses),
		TEST(test_finds_ways_round),
		TEST(test_a_service_without_the_line),
		TEST(test_a_service_with_the_line),
		TEST(test_what_nobody_can_use),
		TEST(test_what_is_not_known),
		TEST(test_the_file_in_etc_goes_first),
		TEST(test_without_session_lines_other_counts),
		TEST(test_lines_that_are_wrong),
		TEST(test_alone_in_its_stack),
		TEST(test_rules_that_fence_nobody),
		TEST(test_one_mistake_of_many_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
