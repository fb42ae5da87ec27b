/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine and the kernel's refusals: what happens without privileges, without modules, without
 * IPv6, when a commit is refused or fails half-way. A seccomp filter of the child's own makes the
 * kernel answer so.
 */
/* Before the kernel's headers, which then leave its definitions alone. */
#include <netinet/in.h>

#include <errno.h>
#include <libiptc/libiptc.h>
#include <linux/filter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cap-ng.h>

#include "iptables/entry.h"
#include "iptables/xtable.h"
#include "world.h"

#include "sketch.h"

struct scene {
	struct arena *arena;
	const struct policy *policies[1];
	struct fence fences[1];
	struct fence_plan plan;
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	scene->arena = arena_new();
	scene->policies[0] =
	    sketch(scene->arena, "vendor", "serve tcp/1; allow tcp/443,444 any; allow udp/1 any");
	scene->fences[0] = (struct fence){ 4000, 4009, 0 };
	scene->plan = (struct fence_plan){ 1, scene->policies, 1, scene->fences, false, 0, 0 };
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	arena_free(scene->arena);
	free(scene);
	return 0;
}

/* From now on `syscall` with `value` as its argument number `argument` fails with `error`. */
static bool
refuse(long syscall_number, unsigned int argument, unsigned int value, int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)syscall_number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    (unsigned int)(offsetof(struct seccomp_data, args) + 8 * argument)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* What a child reports: of open, then of apply if open went well. */
struct outcome {
	int opened;
	int applied;
	unsigned int commits;
	struct why why;
};

struct refusal {
	long number;
	unsigned int argument;
	unsigned int value;
	int error;
};

static void
work(enum family family, const struct fence_plan *plan, struct outcome *outcome)
{
	struct engine_state *engine = NULL;

	*outcome = (struct outcome){ 0 };
	outcome->opened = iptables_engine.open(family, &engine, &outcome->why);
	if (!outcome->opened)
		outcome->applied =
		    iptables_engine.apply(engine, plan, &outcome->commits, &outcome->why);
	iptables_engine.close(engine);
}

/* The engine in a child, under the refusal (number 0: none) and with what `drop` leaves of its
 * privileges (NULL: all). */
static struct outcome
in_child(enum family family, const struct fence_plan *plan, const struct refusal *refusal,
    bool (*drop)(void))
{
	struct outcome outcome = { .opened = -EPIPE };
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		if (drop && !drop())
			_exit(2);
		if (refusal &&
		    !refuse(refusal->number, refusal->argument, refusal->value, refusal->error))
			_exit(3);
		work(family, plan, &outcome);
		_exit(write(ends[1], &outcome, sizeof(outcome)) != sizeof(outcome));
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &outcome, sizeof(outcome)), sizeof(outcome));
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return outcome;
}

static bool
to_nobody(unsigned int capabilities)
{
	unsigned int i;

	capng_clear(CAPNG_SELECT_BOTH);
	for (i = 0; i < 32; i++) {
		if (capabilities & 1u << i)
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, i);
	}
	return capng_change_id(65534, 65534, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING) == 0 &&
	       geteuid() == 65534;
}

static bool
keep_two(void)
{
	return to_nobody(1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW);
}

static bool
keep_admin(void)
{
	return to_nobody(1u << CAP_NET_ADMIN);
}

static bool
keep_raw(void)
{
	return to_nobody(1u << CAP_NET_RAW);
}

static void
two_capabilities_suffice(void **state)
{
	struct scene *scene = *state;
	enum family family;
	struct outcome outcome;
	char *text, *save;

	world_enter();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		outcome = in_child(family, &scene->plan, NULL, keep_two);
		if (outcome.opened || outcome.applied)
			fail_msg("%d %d: %s", outcome.opened, outcome.applied, outcome.why.text);
		assert_int_equal(outcome.commits, 1);
		text = world_text(&scene->plan, family);
		save = world_save(family, false);
		world_only(save, true);
		assert_string_equal(save, text);
		free(text);
		free(save);
	}
}

static void
either_missing_is_said(void **state)
{
	struct scene *scene = *state;
	enum family family;
	struct outcome outcome;

	world_enter();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		outcome = in_child(family, &scene->plan, NULL, keep_admin);
		assert_int_equal(outcome.opened, -EPERM);
		assert_non_null(strstr(outcome.why.text, "CAP_NET_RAW"));
		outcome = in_child(family, &scene->plan, NULL, keep_raw);
		assert_int_equal(outcome.opened, -EPERM);
		assert_non_null(strstr(outcome.why.text, "CAP_NET_ADMIN"));
	}
}

static void
what_is_missing_is_said(void **state)
{
	static const struct {
		enum family family;
		struct refusal refusal;
		int opened;
		const char *words[3];
	} cases[] = {
		{ FAMILY_IPV6, { SYS_socket, 0, AF_INET6, EAFNOSUPPORT }, -EAFNOSUPPORT,
		    { "no IPv6" } },
		{ FAMILY_IPV4, { SYS_getsockopt, 2, IPT_SO_GET_INFO, ENOPROTOOPT }, -ENOPROTOOPT,
		    { "load ip_tables" } },
		{ FAMILY_IPV6, { SYS_getsockopt, 2, IP6T_SO_GET_INFO, ENOPROTOOPT }, -ENOPROTOOPT,
		    { "load ip6_tables" } },
		{ FAMILY_IPV4, { SYS_getsockopt, 2, IPT_SO_GET_INFO, ENOENT }, -ENOENT,
		    { "load iptable_filter" } },
		{ FAMILY_IPV6, { SYS_getsockopt, 2, IP6T_SO_GET_INFO, ENOENT }, -ENOENT,
		    { "load ip6table_filter" } },
		{ FAMILY_IPV4, { SYS_getsockopt, 2, IPT_SO_GET_REVISION_MATCH, ENOENT },
		    -EOPNOTSUPP, { "owner", "conntrack", "icmp" } },
		{ FAMILY_IPV6, { SYS_getsockopt, 2, IP6T_SO_GET_REVISION_MATCH, ENOENT },
		    -EOPNOTSUPP, { "owner", "ipv6header", "icmp6" } },
		{ FAMILY_IPV4, { SYS_getsockopt, 2, IPT_SO_GET_REVISION_TARGET, ENOENT },
		    -EOPNOTSUPP, { "target REJECT" } },
		{ FAMILY_IPV6, { SYS_getsockopt, 2, IP6T_SO_GET_REVISION_TARGET, ENOENT },
		    -EOPNOTSUPP, { "target REJECT" } },
	};
	struct scene *scene = *state;
	struct outcome outcome;
	size_t i, j;

	world_enter();
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		outcome = in_child(cases[i].family, &scene->plan, &cases[i].refusal, NULL);
		assert_int_equal(outcome.opened, cases[i].opened);
		for (j = 0; j < 3 && cases[i].words[j]; j++) {
			if (!strstr(outcome.why.text, cases[i].words[j]))
				fail_msg("no %s in: %s", cases[i].words[j], outcome.why.text);
		}
	}
}

/* The rules are in, the second step fails: that is a success, since they are in force. */
static void
a_commit_that_failed_late_counts(void **state)
{
	static const struct refusal late = { SYS_setsockopt, 2, IPT_SO_SET_ADD_COUNTERS, ENOMEM };
	struct scene *scene = *state;
	struct outcome outcome;

	world_enter();
	outcome = in_child(FAMILY_IPV4, &scene->plan, &late, NULL);
	assert_int_equal(outcome.applied, 0);
	assert_int_equal(outcome.commits, 1);
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->plan), 0);
}

static void
a_commit_that_is_refused_changes_nothing(void **state)
{
	static const int errors[] = { EAGAIN, ENOMEM, EINVAL, ELOOP, ENOENT };
	struct refusal refusal = { SYS_setsockopt, 2, IPT_SO_SET_REPLACE, 0 };
	struct scene *scene = *state;
	struct outcome outcome;
	char *before, *after;
	size_t i;

	world_enter();
	before = world_save(FAMILY_IPV4, true);
	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		refusal.error = errors[i];
		outcome = in_child(FAMILY_IPV4, &scene->plan, &refusal, NULL);
		assert_int_equal(outcome.opened, 0);
		assert_int_equal(outcome.applied, -errors[i]);
		assert_int_equal(outcome.commits, 0);
		assert_non_null(strstr(outcome.why.text, "commit"));
		after = world_save(FAMILY_IPV4, true);
		assert_string_equal(after, before);
		free(after);
	}
	free(before);
}

/* From now on tables of more than so many bytes are refused, as one is that has a target of which
 * a part is missing. */
static bool
refuse_bigger(uint32_t size)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setsockopt, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPT_SO_SET_REPLACE, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[4])),
		BPF_JUMP(
		    BPF_JMP | BPF_JGT | BPF_K, (uint32_t)sizeof(struct ipt_replace) + size, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOENT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* A kernel without netlink's log has the rules all the same, without what would log. */
static void
without_a_log_the_fences_stand(void **state)
{
	struct scene *scene = *state;
	struct fence_plan logged = scene->plan, none = scene->plan;
	struct engine_state *engine = NULL;
	unsigned int commits = 0;
	uint32_t n, size;
	char *text, *save;
	struct why why;
	int fd, status;
	pid_t child;

	world_enter();
	logged.log = true;
	none.n_fences = 0;
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->plan), 1);
	assert_int_equal(xtable_socket(FAMILY_IPV4, &fd, &why), 0);
	assert_int_equal(xtable_count(fd, FAMILY_IPV4, &n, &size, &why), 0);
	close(fd);
	assert_int_equal(world_apply(FAMILY_IPV4, &none), 1);
	child = fork();
	if (child == 0) {
		if (!refuse_bigger(size) || iptables_engine.open(FAMILY_IPV4, &engine, &why))
			_exit(2);
		if (!iptables_engine.logs(engine))
			_exit(3);
		if (iptables_engine.apply(engine, &logged, &commits, &why) || commits != 1)
			_exit(4);
		if (iptables_engine.logs(engine) || iptables_engine.verify(engine, &why))
			_exit(5);
		/* It is not tried again each time. */
		if (iptables_engine.apply(engine, &logged, &commits, &why) || commits != 1)
			_exit(6);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	text = world_text(&scene->plan, FAMILY_IPV4);
	save = world_save(FAMILY_IPV4, false);
	world_only(save, true);
	assert_string_equal(save, text);
	assert_null(strstr(save, "NFLOG"));
	free(text);
	free(save);
	/* And where it can, there it is. */
	assert_int_equal(world_apply(FAMILY_IPV4, &logged), 1);
	save = world_save(FAMILY_IPV4, false);
	assert_non_null(strstr(save, "-j NFLOG "));
	free(save);
}

/* Has the kernel ask before each setsockopt() of `option`; a descriptor to answer through. */
static int
ask_before(unsigned int option)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setsockopt, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, option, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	return (int)syscall(
	    SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* Lets the engine commit in a child and, each time before that setsockopt(), for `times` times,
 * adds a rule to INPUT. */
static struct outcome
disturbed(const struct fence_plan *plan, unsigned int option, int times)
{
	struct outcome outcome = { .opened = -EPIPE };
	struct seccomp_notif question;
	struct seccomp_notif_resp answer;
	struct pollfd wait = { .events = POLLIN };
	int ends[2], listener, pidfd, status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		listener = ask_before(option);
		if (write(ends[1], &listener, sizeof(listener)) != sizeof(listener))
			_exit(2);
		work(FAMILY_IPV4, plan, &outcome);
		_exit(write(ends[1], &outcome, sizeof(outcome)) != sizeof(outcome));
	}
	assert_int_equal(read(ends[0], &listener, sizeof(listener)), sizeof(listener));
	assert_true(listener >= 0);
	pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	wait.fd = (int)syscall(SYS_pidfd_getfd, pidfd, listener, 0);
	assert_true(wait.fd >= 0);
	while (poll(&wait, 1, 5000) == 1 && wait.revents & POLLIN) {
		memset(&question, 0, sizeof(question));
		assert_int_equal(ioctl(wait.fd, SECCOMP_IOCTL_NOTIF_RECV, &question), 0);
		if (times-- > 0)
			world_do("iptables-legacy -A INPUT -p 99");
		answer = (struct seccomp_notif_resp){ .id = question.id,
			.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
		assert_int_equal(ioctl(wait.fd, SECCOMP_IOCTL_NOTIF_SEND, &answer), 0);
	}
	assert_int_equal(read(ends[0], &outcome, sizeof(outcome)), sizeof(outcome));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(wait.fd);
	close(pidfd);
	close(ends[0]);
	close(ends[1]);
	return outcome;
}

/* A change by somebody else just before the commit: the kernel says EAGAIN, the engine reads
 * again, and both changes are there. If it goes on for ever, the engine gives up. */
static void
a_change_in_between_is_kept(void **state)
{
	struct scene *scene = *state;
	struct outcome outcome;
	char *save;

	world_enter();
	outcome = disturbed(&scene->plan, IPT_SO_SET_REPLACE, 1);
	if (outcome.applied)
		fail_msg("%s", outcome.why.text);
	assert_int_equal(outcome.commits, 1);
	save = world_save(FAMILY_IPV4, false);
	assert_non_null(strstr(save, "-A INPUT -p 99\n"));
	free(save);
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->plan), 0);

	world_enter();
	outcome = disturbed(&scene->plan, IPT_SO_SET_REPLACE, 1000);
	assert_int_equal(outcome.applied, -EAGAIN);
	assert_int_equal(outcome.commits, 0);
	save = world_save(FAMILY_IPV4, false);
	assert_null(strstr(save, "NETFENCE"));
	free(save);
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->plan), 1);
}

/* The same just after the commit: what was to be in force is, and that is what the engine says. */
static void
a_change_at_once_takes_nothing_back(void **state)
{
	struct scene *scene = *state;
	struct outcome outcome;
	char *save;

	world_enter();
	outcome = disturbed(&scene->plan, IPT_SO_SET_ADD_COUNTERS, 1);
	if (outcome.applied)
		fail_msg("%s", outcome.why.text);
	assert_int_equal(outcome.commits, 1);
	save = world_save(FAMILY_IPV4, false);
	assert_non_null(strstr(save, "-A INPUT -p 99\n"));
	free(save);
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->plan), 0);
}

/* A rule for INPUT, there or not, past the lock. */
static void
add_and_remove(void)
{
	static const xt_chainlabel input = "INPUT";
	struct krule rule = krule_any(KRULE_DROP);
	struct xtc_handle *handle = iptc_init("filter");
	struct entry entry;
	unsigned char *target;

	if (!handle)
		return;
	rule.protocol = 99;
	entry_make(&rule, FAMILY_IPV4, &entry);
	/* libiptc wants a verdict's name, and finds out its number by itself. */
	target = entry.bytes + ((struct ipt_entry *)(void *)entry.bytes)->target_offset;
	strcpy((char *)target + offsetof(struct xt_entry_target, u.user.name), "DROP");
	if (iptc_first_rule(input, handle))
		iptc_flush_entries(input, handle);
	else
		iptc_append_entry(input, (const void *)entry.bytes, handle);
	iptc_commit(handle);
	iptc_free(handle);
}

/* Somebody else changes the table all the time and takes no lock. Both keep at it; whatever the
 * engine says, it says truly, and in the end all is as it should be. */
static void
a_writer_without_the_lock(void **state)
{
	struct scene *scene = *state;
	struct fence_plan none = scene->plan;
	struct engine_state *engine;
	unsigned int commits = 0;
	struct why why;
	pid_t writer;
	char *text, *save;
	int i, error, status, refused = 0;

	world_enter();
	none.n_fences = 0;
	writer = fork();
	if (writer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			add_and_remove();
	}
	engine = world_engine(FAMILY_IPV4);
	for (i = 0; i < 3000; i++) {
		error = iptables_engine.apply(engine, i % 2 ? &none : &scene->plan, &commits, &why);
		if (error && error != -EAGAIN)
			fail_msg("%d: %s", error, why.text);
		refused += error == -EAGAIN;
	}
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	iptables_engine.close(engine);
	print_message("%u commits, %d gave up\n", commits, refused);
	world_apply(FAMILY_IPV4, &scene->plan);
	text = world_text(&scene->plan, FAMILY_IPV4);
	save = world_save(FAMILY_IPV4, false);
	world_only(save, true);
	assert_string_equal(save, text);
	free(text);
	free(save);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_capabilities_suffice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(either_missing_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_missing_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_log_the_fences_stand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_commit_that_failed_late_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_commit_that_is_refused_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_change_in_between_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_change_at_once_takes_nothing_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_writer_without_the_lock, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("engine and kernel", tests, NULL, NULL);
}
