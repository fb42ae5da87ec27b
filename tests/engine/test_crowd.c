/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thousand sessions, and so a tree of chains, while people come and go: no packet of a fenced
 * user gets out meanwhile, and nothing of anybody else's changes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "world.h"

#include "fence/plan.h"
#include "sketch.h"

#define SESSIONS 1000
#define ROUNDS   300
#define POLICIES 3
#define SENDER   (20000 + 2 * (SESSIONS / 2)) /* one of them, who stays */

#define FOREIGN                                                      \
	"*filter\n:INPUT DROP [11:1100]\n:OUTPUT ACCEPT [13:1300]\n" \
	":ANOTHER - [0:0]\n:zother - [0:0]\n"                        \
	"[2:200] -A INPUT -p tcp -m tcp --dport 22 -j ANOTHER\n"     \
	"[3:300] -A OUTPUT -p udp -m udp --dport 9 -j ACCEPT\n"      \
	"[5:500] -A OUTPUT -p sctp -g zother\n"                      \
	"[6:600] -A ANOTHER -j REJECT\n[7:700] -A zother -p tcp\nCOMMIT\n"

struct scene {
	struct arena *arena;
	const struct policy *policies[POLICIES];
};

static int
set_up(void **state)
{
	static const char *const names[POLICIES] = { "vendor", "groups/supporters", "others" };
	struct scene *scene = calloc(1, sizeof(*scene));
	uint32_t i;

	scene->arena = arena_new();
	for (i = 0; i < POLICIES; i++)
		scene->policies[i] =
		    sketch(scene->arena, names[i], "allow tcp/443 any; loopback all");
	*state = scene;
	return 0;
}

static int
set_up_nftables(void **state)
{
	world_uses = &nftables_engine;
	return set_up(state);
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	arena_free(scene->arena);
	free(scene);
	world_uses = &iptables_engine;
	return 0;
}

/* Neighbours have the same policy, a few at a time, as a rule of the tree takes some or all of
 * them. */
#define POLICY_OF(i) ((i) / 7 % POLICIES)

/* Everybody, every second with a subordinate range; who is at the door in a round, and those on
 * both sides of the sender all the more, is in one time and out the next. */
static struct fence_plan
plan_of(const struct scene *scene, uint32_t round, struct plan *plan)
{
	uint32_t i;

	memset(plan, 0, sizeof(*plan));
	for (i = 0; i < SESSIONS; i++) {
		if (round && 20000 + 2 * i != SENDER &&
		    (i == round * 7 % SESSIONS ||
			(round % 2 && (i == SESSIONS / 2 - 1 || i == SESSIONS / 2 + 1))))
			continue;
		plan_add(plan, 20000 + 2 * i, 20000 + 2 * i, POLICY_OF(i));
		if (i % 2)
			plan_add(
			    plan, 1000000 + 65536 * i, 1000000 + 65536 * i + 65535, POLICY_OF(i));
	}
	assert_int_equal(plan_finish(plan), 0);
	return (struct fence_plan){ POLICIES, scene->policies, plan->n, plan->fences, true, 5, 1 };
}

static void
apply_round(struct scene *scene, struct engine_state *engine, uint32_t round, unsigned int *commits)
{
	struct plan plan;
	struct fence_plan wanted = plan_of(scene, round, &plan);
	struct why why;

	if (world_uses->apply(engine, &wanted, commits, &why))
		fail_msg("round %u: %s", round, why.text);
	plan_free(&plan);
}

/* Whoever asks the kernel is told of all that are in the plan, and of nobody else. */
static void
assert_held(struct engine_state *engine, const struct fence_plan *wanted)
{
	struct plan held = { 0 }, all = { 0 };
	struct why why;
	uint32_t i;

	assert_int_equal(world_uses->held(engine, &held, &why), 0);
	assert_int_equal(plan_finish(&held), 0);
	for (i = 0; i < wanted->n_fences; i++)
		plan_add(&all, wanted->fences[i].first, wanted->fences[i].last, 0);
	assert_int_equal(plan_finish(&all), 0);
	assert_int_equal(held.n, all.n);
	assert_memory_equal(held.fences, all.fences, all.n * sizeof(*all.fences));
	plan_free(&held);
	plan_free(&all);
}

static void
neighbours_of_a_crowd(void **state)
{
	struct scene *scene = *state;
	enum family family;
	uint32_t round;

	world_enter();
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		struct engine_state *engine = world_engine(family);
		unsigned int commits = 0;
		struct plan plan;
		struct fence_plan wanted;
		char *before, *after, *text, *empty;
		struct why why;

		world_restore(family, FOREIGN, "-c");
		empty = world_save(family, true);
		before = strdup(empty);
		world_only(before, false);
		for (round = 1; round <= ROUNDS; round++)
			apply_round(scene, engine, round, &commits);
		assert_int_equal(commits, ROUNDS);
		assert_int_equal(world_uses->verify(engine, &why), 0);
		after = world_save(family, true);
		world_only(after, false);
		assert_string_equal(after, before);
		free(after);
		wanted = plan_of(scene, ROUNDS, &plan);
		text = world_text(&wanted, family);
		after = world_save(family, false);
		world_only(after, true);
		assert_string_equal(after, text);
		assert_non_null(strstr(text, "NETFENCE#"));
		assert_non_null(strstr(text, " ! --uid-owner "));
		assert_held(engine, &wanted);
		free(after);
		free(text);
		wanted.n_fences = 0;
		assert_int_equal(world_uses->apply(engine, &wanted, &commits, &why), 0);
		after = world_save(family, true);
		assert_string_equal(after, empty);
		free(after);
		free(before);
		free(empty);
		plan_free(&plan);
		world_uses->close(engine);
	}
}

/* ---------------------------------------------------------------- who, and who not */

/* Whether a packet of the uid's leaves: a socket belongs to who called socket(). */
static bool
sends(uint32_t uid, const struct sockaddr_in *to)
{
	int old = setfsuid(uid), fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t sent;

	setfsuid((uid_t)old);
	assert_true(fd >= 0);
	sent = sendto(fd, "x", 1, 0, (const struct sockaddr *)to, sizeof(*to));
	assert_true(sent == 1 || errno == EPERM);
	close(fd);
	return sent == 1;
}

static bool
is_fenced(const struct fence_plan *plan, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < plan->n_fences; i++)
		if (uid >= plan->fences[i].first && uid <= plan->fences[i].last)
			return true;
	return false;
}

/* Of the crowd's uids and ranges the first and last, and those before and behind them. */
static void
each_uid_and_its_neighbours(void **state)
{
	static const int steps[] = { -1, 0, 1 };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct scene *scene = *state;
	struct engine_state *engine;
	unsigned int commits = 0;
	struct fence_plan wanted;
	struct plan plan;
	uint32_t i, k, uid;
	struct why why;

	world_enter();
	world_do("ip link add swallow type ifb && ip addr add 10.9.0.1/24 dev swallow && "
		 "ip link set swallow up");
	assert_int_equal(inet_pton(AF_INET, "10.9.0.2", &to.sin_addr), 1);
	engine = world_engine(FAMILY_IPV4);
	wanted = plan_of(scene, 1, &plan);
	assert_int_equal(world_uses->apply(engine, &wanted, &commits, &why), 0);
	for (i = 0; i < wanted.n_fences; i++) {
		for (k = 0; k < 3; k++) {
			uid = wanted.fences[i].first + (uint32_t)steps[k];
			if (sends(uid, &to) == is_fenced(&wanted, uid))
				fail_msg("uid %u", (unsigned int)uid);
			uid = wanted.fences[i].last + (uint32_t)steps[k];
			if (sends(uid, &to) == is_fenced(&wanted, uid))
				fail_msg("uid %u", (unsigned int)uid);
		}
	}
	plan_free(&plan);
	world_uses->close(engine);
}

/* ---------------------------------------------------------------- no window */

static int
udp_socket(enum family family, struct sockaddr_storage *name, socklen_t *size, const char *address)
{
	struct sockaddr_in *in = (void *)name;
	struct sockaddr_in6 *in6 = (void *)name;

	memset(name, 0, sizeof(*name));
	if (family == FAMILY_IPV4) {
		*in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(9) };
		assert_int_equal(inet_pton(AF_INET, address, &in->sin_addr), 1);
		*size = sizeof(*in);
		return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	}
	*in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(9) };
	assert_int_equal(inet_pton(AF_INET6, address, &in6->sin6_addr), 1);
	*size = sizeof(*in6);
	return socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/* A process of a fenced user that never stops sending; *tries says how often it has. */
static pid_t
start_sender(int fd, const struct sockaddr_storage *name, socklen_t size, volatile uint64_t *tries)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setresgid(SENDER, SENDER, SENDER) < 0 || setresuid(SENDER, SENDER, SENDER) < 0)
		_exit(1);
	/* The socket's owner counts: one of its own. */
	fd = socket(name->ss_family, SOCK_DGRAM, 0);
	for (;;) {
		sendto(fd, "x", 1, 0, (const struct sockaddr *)name, size);
		++*tries;
	}
}

static void
no_window_in_a_crowd(void **state)
{
	static const char *const far_name[FAMILIES] = { "10.9.0.2", "fd09::2" };
	struct scene *scene = *state;
	volatile uint64_t *tries =
	    mmap(NULL, sizeof(*tries), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	enum family family;
	char command[512];
	int near, far;

	assert_ptr_not_equal(tries, MAP_FAILED);
	world_enter();
	far = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	world_enter();
	near = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	snprintf(command, sizeof(command),
	    "set -e; ip link add near type veth peer name far netns /proc/%d/fd/%d;"
	    "ip addr add 10.9.0.1/24 dev near; ip addr add fd09::1/64 dev near nodad;"
	    "ip link set near up; nsenter --net=/proc/%d/fd/%d sh -ec 'ip addr add 10.9.0.2/24 dev "
	    "far;"
	    "ip addr add fd09::2/64 dev far nodad; ip link set far up'",
	    getpid(), far, getpid(), far);
	world_do(command);

	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		struct engine_state *engine =
		    world_engine(world_uses == &nftables_engine ? FAMILY_IPV4 : family);
		struct sockaddr_storage name;
		struct pollfd wait = { .events = POLLIN };
		unsigned int commits = 0, arrived = 0;
		int fd, status;
		uint64_t before;
		uint32_t round;
		socklen_t size;
		pid_t sender;
		char letter;

		assert_int_equal(setns(far, CLONE_NEWNET), 0);
		wait.fd = udp_socket(family, &name, &size, far_name[family]);
		assert_int_equal(bind(wait.fd, (struct sockaddr *)&name, size), 0);
		assert_int_equal(setns(near, CLONE_NEWNET), 0);
		fd = udp_socket(family, &name, &size, far_name[family]);

		apply_round(scene, engine, 0, &commits);
		*tries = 0;
		sender = start_sender(fd, &name, size, tries);
		for (round = 1; round <= ROUNDS; round++) {
			before = *tries;
			apply_round(scene, engine, round, &commits);
			while (*tries < before + 3)
				sched_yield();
		}
		assert_int_equal(commits, ROUNDS + 1);
		/* Behind whatever came through, in one order, what is allowed. */
		assert_int_equal(sendto(fd, ".", 1, 0, (struct sockaddr *)&name, size), 1);
		do {
			assert_int_equal(poll(&wait, 1, 10000), 1);
			assert_int_equal(recv(wait.fd, &letter, 1, 0), 1);
			arrived += letter == 'x';
		} while (letter != '.');
		assert_int_equal(arrived, 0);
		/* It was the fence that held it. */
		world_do(world_uses == &nftables_engine ? "nft delete table inet netfence"
			 : family == FAMILY_IPV4        ? "iptables-legacy -D OUTPUT 1"
							: "ip6tables-legacy -D OUTPUT 1");
		assert_int_equal(poll(&wait, 1, 10000), 1);
		assert_int_equal(recv(wait.fd, &letter, 1, 0), 1);
		assert_int_equal(letter, 'x');
		assert_int_equal(kill(sender, SIGKILL), 0);
		assert_int_equal(waitpid(sender, &status, 0), sender);
		print_message("%llu tries in %d commits\n", (unsigned long long)*tries, ROUNDS);
		close(fd);
		close(wait.fd);
		world_uses->close(engine);
	}
	munmap((void *)(uintptr_t)tries, sizeof(*tries));
	close(near);
	close(far);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(neighbours_of_a_crowd, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_uid_and_its_neighbours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_window_in_a_crowd, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    each_uid_and_its_neighbours, set_up_nftables, tear_down),
		cmocka_unit_test_setup_teardown(no_window_in_a_crowd, set_up_nftables, tear_down),
	};

	return cmocka_run_group_tests_name("engine and a crowd", tests, NULL, NULL);
}
