/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of nftables: what others see of it, what they may have done to it, and what does not
 * change with it.
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

#include <cap-ng.h>

#include "world.h"

#include "nftables/image.h"
#include "nftables/text.h"
#include "random.h"
#include "sketch.h"

#define OURS "nft -s list table inet netfence"

/* Others' tables, of each family and with all that a table can have. */
#define FOREIGN                                                                                \
	"table ip filter {\nchain OUTPUT {\ntype filter hook output priority 0\n"              \
	"counter packets 5 bytes 500 accept\n}\n}\n"                                           \
	"table inet other {\nset s {\ntype uid\nflags interval\nelements = { 4000-4999 }\n}\n" \
	"map m {\ntype ipv4_addr : verdict\nelements = { 192.0.2.1 : drop }\n}\n"              \
	"limit l {\nrate 5/second burst 5 packets\n}\n"                                        \
	"chain NETFENCE {\ntype filter hook output priority 0\n"                               \
	"meta skuid @s counter packets 7 bytes 700 limit name \"l\" accept\n"                  \
	"ip daddr vmap @m\n}\n}\n"                                                             \
	"table ip6 netfence {\nchain NETFENCE {\ncounter packets 9 bytes 900 return\n}\n}\n"   \
	"table netdev netfence {\nchain NETFENCE {\naccept\n}\n}\n"

#define OTHERS                                                                   \
	"for t in 'ip filter' 'inet other' 'ip6 netfence' 'netdev netfence'; do" \
	" nft list table $t || exit; done"

struct scene {
	struct arena *arena;
	struct policy *policies[3];
	struct fence fences[6];
	struct fence_plan one;
	struct fence_plan two;
	struct fence_plan none;
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct arena *arena = arena_new();
	const struct policy *const *policies = (const struct policy *const *)scene->policies;

	world_uses = &nftables_engine;
	scene->arena = arena;
	scene->policies[0] = sketch(arena, "vendor",
	    "serve tcp/8080; allow tcp/443,444 any; allow udp/162 192.0.2.1 2001:db8::1;"
	    "allow udp/5 192.0.2.1-192.0.2.3 192.0.2.9 2001:db8::1 2001:db8::9");
	scene->policies[1] = sketch(arena, "groups/supporters",
	    "loopback tcp/80; reject any 10.0.0.0/8 fd00::/8; allow udp/53 any; default drop");
	scene->policies[1]->egress[1].limit = (struct limit){ 4, 86400 };
	scene->policies[2] = sketch(arena, "others", "loopback none; default allow");
	scene->fences[0] = (struct fence){ 4000, 4000, 0 };
	scene->fences[1] = (struct fence){ 4001, 4002, 1 };
	scene->fences[2] = (struct fence){ 5000, 5000, 1 };
	scene->fences[3] = (struct fence){ 65530, 65540, 2 };
	scene->fences[4] = (struct fence){ 100000, 165535, 1 };
	scene->fences[5] = (struct fence){ 165536, 4294967294, 0 };
	scene->one = (struct fence_plan){ 3, policies, 1, scene->fences, true, 5, 1 };
	scene->two = (struct fence_plan){ 3, policies, 6, scene->fences, true, 5, 1 };
	scene->none = (struct fence_plan){ 3, policies, 0, scene->fences, true, 5, 1 };
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

static void
feed(const char *text)
{
	FILE *pipe = popen("nft -f -", "we");

	assert_non_null(pipe);
	fputs(text, pipe);
	if (pclose(pipe) != 0)
		fail_msg("nft refuses:\n%s", text);
}

static unsigned int
apply(struct engine_state *engine, const struct fence_plan *plan)
{
	unsigned int commits = 0;
	struct why why;

	if (nftables_engine.apply(engine, plan, &commits, &why))
		fail_msg("apply: %s", why.text);
	return commits;
}

static void
assert_verified(struct engine_state *engine)
{
	struct why why;

	if (nftables_engine.verify(engine, &why))
		fail_msg("verify: %s", why.text);
}

static void
assert_same(const char *command, const char *before)
{
	char *after = world_run(command);

	assert_string_equal(after, before);
	free(after);
}

/* Whoever asks the kernel is told of all that are in the plan, and of nobody else. */
static void
assert_held(struct engine_state *engine, const struct fence_plan *wanted)
{
	struct plan held = { 0 }, all = { 0 };
	struct why why;
	uint32_t i;

	assert_int_equal(nftables_engine.held(engine, &held, &why), 0);
	assert_int_equal(plan_finish(&held), 0);
	for (i = 0; i < wanted->n_fences; i++)
		plan_add(&all, wanted->fences[i].first, wanted->fences[i].last, 0);
	assert_int_equal(plan_finish(&all), 0);
	assert_int_equal(held.n, all.n);
	if (all.n)
		assert_memory_equal(held.fences, all.fences, all.n * sizeof(*all.fences));
	plan_free(&held);
	plan_free(&all);
}

/* ---------------------------------------------------------------- what is there */

/* To ask whether all is there leaves nothing, and is no change that others would notice. */
static void
opening_changes_nothing(void **state)
{
	struct link link;
	uint32_t before, after;
	struct why why;

	(void)state;
	world_enter();
	assert_int_equal(link_open(&link, &why), 0);
	assert_int_equal(link_generation(&link, &before, &why), 0);
	nftables_engine.close(world_engine(FAMILY_IPV4));
	nftables_engine.close(world_engine(FAMILY_IPV6));
	assert_int_equal(link_generation(&link, &after, &why), 0);
	assert_int_equal(after, before);
	assert_same("nft list ruleset", "");
	link_close(&link);
}

/* The engine of IPv6 has nothing to do, and says so. */
static void
one_engine_does_both(void **state)
{
	struct scene *scene = *state;
	struct engine_state *engine;
	char *before;

	world_enter();
	engine = world_engine(FAMILY_IPV6);
	assert_int_equal(apply(engine, &scene->two), 0);
	assert_same("nft list ruleset", "");
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->two), 1);
	before = world_run(OURS);
	assert_int_equal(apply(engine, &scene->none), 0);
	assert_same(OURS, before);
	assert_verified(engine);
	assert_held(engine, &scene->none);
	assert_true(nftables_engine.logs(engine));
	nftables_engine.close(engine);
	free(before);
}

/* As the kernel hands it back it is byte for byte what was written; nothing has to be learned. */
static void
the_kernel_holds_what_was_written(void **state)
{
	struct scene *scene = *state;
	struct ruleset image, ought;
	struct nlayout layout;
	struct link link;
	uint32_t generation, i;
	struct why why;

	world_enter();
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->two), 1);
	assert_int_equal(nlayout_build(&scene->two, NSET_USERS, &layout, &why), 0);
	assert_int_equal(ruleset_make(&layout, &ought, &why), 0);
	assert_int_equal(link_open(&link, &why), 0);
	assert_int_equal(image_read(&link, ought.users, &image, &generation, &why), 0);
	assert_string_equal(image.odd, "");
	assert_int_equal(image.n_chains, ought.n_chains);
	for (i = 0; i < ought.n_chains; i++) {
		assert_string_equal(image.chains[i].name.text, ought.chains[i].name.text);
		assert_int_equal(image.chains[i].rules.n, ought.chains[i].rules.n);
		assert_memory_equal(image.chains[i].rules.data, ought.chains[i].rules.data,
		    ought.chains[i].rules.n);
	}
	assert_int_equal(image.n_members, ought.n_members);
	link_close(&link);
	ruleset_clear(&image);
	ruleset_clear(&ought);
	nlayout_clear(&layout);
}

/* ---------------------------------------------------------------- others */

static void
others_tables_stay(void **state)
{
	struct scene *scene = *state;
	struct engine_state *engine;
	char *before, *counted;
	int i;

	world_enter();
	feed(FOREIGN);
	counted = world_run(OTHERS);
	before = world_run("nft list ruleset");
	engine = world_engine(FAMILY_IPV4);
	for (i = 0; i < 300; i++)
		assert_int_equal(apply(engine, i % 2 ? &scene->one : &scene->two), 1);
	assert_same(OTHERS, counted);
	assert_int_equal(apply(engine, &scene->none), 1);
	assert_same("nft list ruleset", before);
	assert_int_equal(apply(engine, &scene->none), 0);
	nftables_engine.close(engine);
	free(counted);
	free(before);
}

/* What may have been done to ours; what verify() says to it. */
static const struct {
	const char *deed;
	const char *words;
} tampering[] = {
	{ "nft flush ruleset", "table inet netfence is gone" },
	{ "nft delete table inet netfence", "table inet netfence is gone" },
	{ "nft flush table inet netfence", "chain NETFENCE " },
	{ "nft add table inet netfence '{ flags dormant; }'", "table inet netfence" },
	{ "nft flush chain inet netfence NETFENCE", "chain NETFENCE " },
	{ "nft flush chain inet netfence NETFENCE/vendor", "chain NETFENCE/vendor " },
	{ "nft insert rule inet netfence NETFENCE accept", "chain NETFENCE " },
	{ "nft add rule inet netfence NETFENCE/vendor drop", "chain NETFENCE/vendor " },
	{ "nft insert rule inet netfence NETFENCE/supporters/2 counter", "NETFENCE/supporters/2 " },
	{ "nft add chain inet netfence mine", "chain mine" },
	{ "nft add chain inet netfence mine '{ type filter hook output priority -5; policy drop; "
	  "}'",
	    "chain mine" },
	{ "nft add chain inet netfence NETFENCE '{ policy drop; }'", "chain NETFENCE" },
	{ "nft add set inet netfence mine '{ type uid; }'", "set mine" },
	{ "nft add map inet netfence mine '{ type uid : mark; }'", "set mine" },
	{ "nft add counter inet netfence mine", "mine" },
	{ "nft add limit inet netfence mine '{ rate 500/second burst 500 packets ; }'", "mine" },
	{ "nft delete element inet netfence users/4096 '{ 4001 }'", "uid 4001" },
	{ "nft delete element inet netfence ranges '{ 100000-165535 }'", "uids 100000 to 165535" },
	{ "nft add element inet netfence users/4096 '{ 3000 : accept }'", "uid 3000" },
	{ "nft add element inet netfence users/4096 '{ 3000 : goto NETFENCE/vendor }'",
	    "uid 3000" },
	{ "nft add element inet netfence users/4096 '{ 70000 : goto NETFENCE/vendor }'", "users" },
	{ "nft add element inet netfence ranges '{ 200-300 : goto NETFENCE/vendor }'", "ranges" },
	{ "nft 'delete element inet netfence users/4096 { 4001 }; "
	  "add element inet netfence users/4096 { 4001 : goto NETFENCE/vendor }'",
	    "uid 4001" },
	{ "nft 'delete element inet netfence ranges { 100000-165535 }; "
	  "add element inet netfence ranges { 100000-165000 : goto NETFENCE/supporters }'",
	    "uids 100000" },
	{ "nft delete element inet netfence users/4096 '{ * }'", "uids without a fence" },
	{ "nft 'delete element inet netfence users/4096 { * }; "
	  "add element inet netfence users/4096 { * : drop }'",
	    "uids without a fence" },
	{ "nft 'delete element inet netfence users/4096 { * }; "
	  "add element inet netfence users/4096 { * : goto NETFENCE/vendor }'",
	    "uids without a fence" },
	{ "nft flush chain inet netfence NETFENCE.ranges", "chain NETFENCE.ranges " },
	{ "nft 'add map inet netfence users/32768 { type uid : verdict; size 32768; };"
	  "add element inet netfence users/32768 { 3000 : goto NETFENCE/vendor }'",
	    "set users/32768" },
	{ "nft add map inet netfence mine '{ type uid : verdict; size 4096; }'", "set mine" },
	{ "nft -s list table inet netfence > /dev/shm/nft-$$; sed -i "
	  "'s/size 4096/size 5000/' /dev/shm/nft-$$;"
	  "nft delete table inet netfence; nft -f /dev/shm/nft-$$; rm /dev/shm/nft-$$",
	    "set users/4096" },
	{ "nft add element inet netfence ports/443.444 '{ 22 }'", "set ports/443.444" },
	{ "nft flush set inet netfence ports/443.444", "set ports/443.444" },
	{ "nft flush map inet netfence users/4096", "uid 4000" },
	/* All of it once more by nft, and one word of a rule is another. */
	{ "nft -s list table inet netfence > /dev/shm/nft-$$; sed -i "
	  "'/hook output/s/priority filter/priority 5/' /dev/shm/nft-$$;"
	  "nft delete table inet netfence; nft -f /dev/shm/nft-$$; rm /dev/shm/nft-$$",
	    "chain NETFENCE" },
	{ "nft -s list table inet netfence > /dev/shm/nft-$$; sed -i "
	  "'s/limit rate over 4.day/limit rate over 5\\/day/' /dev/shm/nft-$$;"
	  "nft delete table inet netfence; nft -f /dev/shm/nft-$$; rm /dev/shm/nft-$$",
	    "chain NETFENCE" },
	{ "nft -s list table inet netfence > /dev/shm/nft-$$; sed -i "
	  "'s/size 16384/size 5/' /dev/shm/nft-$$;"
	  "nft delete table inet netfence; nft -f /dev/shm/nft-$$; rm /dev/shm/nft-$$",
	    "log4" },
	{ "nft -s list table inet netfence > /dev/shm/nft-$$; sed -i "
	  "'s/rate 500.second/rate 400\\/second/' /dev/shm/nft-$$;"
	  "nft delete table inet netfence; nft -f /dev/shm/nft-$$; rm /dev/shm/nft-$$",
	    "limit NETFENCE" },
};

static void
tampering_is_seen_and_mended(void **state)
{
	struct scene *scene = *state;
	struct engine_state *engine;
	char *before, *others;
	struct why why;
	size_t i;

	world_enter();
	for (i = 0; i < sizeof(tampering) / sizeof(*tampering); i++) {
		feed("flush ruleset");
		feed(FOREIGN);
		others = world_run(OTHERS);
		engine = world_engine(FAMILY_IPV4);
		assert_verified(engine);
		assert_int_equal(apply(engine, &scene->two), 1);
		assert_verified(engine);
		before = world_run(OURS);
		world_do(tampering[i].deed);
		if (nftables_engine.verify(engine, &why) != -EUCLEAN)
			fail_msg("%s: not seen", tampering[i].deed);
		if (!strstr(why.text, tampering[i].words))
			fail_msg("%s: %s", tampering[i].deed, why.text);
		/* It is seen as long as it is so. */
		assert_int_equal(nftables_engine.verify(engine, &why), -EUCLEAN);
		assert_int_equal(apply(engine, &scene->two), 1);
		assert_verified(engine);
		assert_same(OURS, before);
		assert_int_equal(apply(engine, &scene->two), 0);
		if (i > 0)
			assert_same(OTHERS, others);
		nftables_engine.close(engine);
		free(before);
		free(others);
	}
}

/* And the same by an engine that begins just then, as after a restart. */
static void
a_new_engine_mends_it_too(void **state)
{
	struct scene *scene = *state;
	char *before;
	size_t i;

	world_enter();
	for (i = 0; i < sizeof(tampering) / sizeof(*tampering); i++) {
		feed("flush ruleset");
		assert_int_equal(world_apply(FAMILY_IPV4, &scene->two), 1);
		before = world_run(OURS);
		world_do(tampering[i].deed);
		assert_int_equal(world_apply(FAMILY_IPV4, &scene->two), 1);
		assert_same(OURS, before);
		world_do(tampering[i].deed);
		assert_in_range(world_apply(FAMILY_IPV4, &scene->none), 0, 1);
		assert_same("nft list ruleset", "");
		free(before);
	}
}

/* Where a set has to be made anew the whole table has, and with all that is in it at once, also if
 * a user goes to a chain that was not there. */
static void
a_table_is_made_anew_at_once(void **state)
{
	struct scene *scene = *state;
	struct engine_state *engine;

	world_enter();
	engine = world_engine(FAMILY_IPV4);
	scene->one.n_fences = 2;
	scene->fences[1].policy = 0;
	assert_int_equal(apply(engine, &scene->one), 1);
	world_do("nft flush set inet netfence ports/443.444");
	scene->fences[1].policy = 1;
	assert_int_equal(apply(engine, &scene->one), 1);
	assert_verified(engine);
	assert_held(engine, &scene->one);
	nftables_engine.close(engine);
}

/* Somebody's change elsewhere is none of ours. */
static void
changes_elsewhere_are_no_drift(void **state)
{
	struct scene *scene = *state;
	struct engine_state *engine;

	world_enter();
	engine = world_engine(FAMILY_IPV4);
	assert_int_equal(apply(engine, &scene->one), 1);
	feed(FOREIGN);
	assert_verified(engine);
	assert_int_equal(apply(engine, &scene->one), 0);
	feed("add rule ip filter OUTPUT drop");
	assert_int_equal(apply(engine, &scene->two), 1);
	assert_verified(engine);
	nftables_engine.close(engine);
}

/* Whom does the kernel fence, also where the table is broken? */
static void
who_is_held(void **state)
{
	struct scene *scene = *state;
	struct engine_state *engine;
	struct plan held = { 0 };
	struct why why;

	world_enter();
	engine = world_engine(FAMILY_IPV4);
	assert_held(engine, &scene->none);
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->two), 1);
	assert_held(engine, &scene->two);
	world_do("nft flush chain inet netfence NETFENCE; nft add chain inet netfence mine");
	assert_held(engine, &scene->two);
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->two), 1);
	world_do("nft flush map inet netfence ranges");
	assert_int_equal(nftables_engine.held(engine, &held, &why), 0);
	assert_int_equal(plan_finish(&held), 0);
	assert_int_equal(held.n, 3);
	assert_int_equal(held.fences[2].first, 65530);
	assert_int_equal(held.fences[2].last, 65535);
	plan_free(&held);
	world_do("nft flush chain inet netfence NETFENCE.ranges;"
		 "nft delete map inet netfence ranges");
	assert_int_equal(nftables_engine.held(engine, &held, &why), 0);
	assert_int_equal(plan_finish(&held), 0);
	assert_int_equal(held.n, 3);
	plan_free(&held);
	nftables_engine.close(engine);
}

/* ---------------------------------------------------------------- what goes on */

static bool
sends(uint32_t uid, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int old = setfsuid(uid), fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t sent;

	setfsuid((uid_t)old);
	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, "10.9.0.2", &to.sin_addr), 1);
	sent = sendto(fd, "x", 1, 0, (const struct sockaddr *)&to, sizeof(to));
	assert_true(sent == 1 || errno == EPERM);
	close(fd);
	return sent == 1;
}

static void
swallow(void)
{
	world_enter();
	world_do("ip link add swallow type ifb && ip addr add 10.9.0.1/24 dev swallow && "
		 "ip link set swallow up");
}

/* Logins, others' changes and a repair elsewhere in the table leave what a rule has counted, and
 * what is left of a limit. */
static void
counters_and_limits_go_on(void **state)
{
	static const char *const deeds[] = { "nft add table inet other",
		"nft delete element inet netfence users/4096 '{ 4000 }'",
		"nft flush chain inet netfence NETFENCE/vendor",
		"nft flush chain inet netfence NETFENCE" };
	struct scene *scene = *state;
	struct engine_state *engine;
	char *text;
	size_t i;

	swallow();
	scene->policies[1]->egress[0].n_to[FAMILY_IPV4] = 0;
	engine = world_engine(FAMILY_IPV4);
	assert_int_equal(apply(engine, &scene->two), 1);
	for (i = 0; i < 4; i++) {
		scene->fences[2].last = 5000 + (uint32_t)i;
		apply(engine, &scene->two);
		assert_true(sends(4001, 53));
		world_do(deeds[i]);
		apply(engine, &scene->two);
	}
	assert_false(sends(4001, 53));
	text = world_run("nft list chain inet netfence NETFENCE/supporters/2");
	assert_non_null(strstr(text, "counter packets 4 "));
	free(text);
	/* Another limit is another count. */
	scene->policies[1]->egress[1].limit.count = 5;
	scene->two.generation++;
	assert_int_equal(apply(engine, &scene->two), 1);
	assert_true(sends(4001, 53));
	nftables_engine.close(engine);
}

/* However many there are the map of users has room, also where all of them go to another policy at
 * once; and it is the same one where a few come and go. */
static void
there_is_room_for_all(void **state)
{
	static const struct {
		uint32_t users;
		const char *map;
	} steps[] = { { 1, "users/4096" }, { 2048, "users/4096" }, { 2049, "users/32768" },
		{ 1025, "users/32768" }, { 2048, "users/32768" }, { 1024, "users/4096" },
		{ 2048, "users/4096" }, { 16384, "users/32768" }, { 16385, "users/131072" },
		{ 8193, "users/131072" }, { 8192, "users/32768" }, { 64535, "users/131072" },
		{ 1, "users/4096" } };
	static struct fence fences[65536];
	struct scene *scene = *state;
	struct fence_plan plan = scene->two;
	struct engine_state *engine;
	uint32_t i, j, policy;
	char *list;

	swallow();
	plan.fences = fences;
	engine = world_engine(FAMILY_IPV4);
	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		for (policy = 0; policy < 2; policy++) {
			for (j = 0; j < steps[i].users; j++)
				fences[j] = (struct fence){ 1000 + j, 1000 + j, policy };
			plan.n_fences = steps[i].users;
			assert_in_range(apply(engine, &plan), 1, 4);
			assert_verified(engine);
			assert_held(engine, &plan);
			assert_false(sends(1000, 99));
			assert_false(sends(fences[j - 1].last, 99));
			assert_true(sends(fences[j - 1].last + 1, 99));
		}
		list =
		    world_run("nft -t list table inet netfence | sed -n 's/.*map users/users/p'");
		assert_memory_equal(list, steps[i].map, strlen(steps[i].map));
		assert_ptr_equal(strchr(list, '\n') + 1, list + strlen(list));
		free(list);
	}
	nftables_engine.close(engine);
}

/* What one says of two policies with as many users as there may be. */
static void
two_policies_of_ten_thousand(void **state)
{
	struct scene *scene = *state;
	struct fence *fences = calloc(30003, sizeof(*fences));
	struct fence_plan plan = scene->two;
	struct engine_state *engine;
	uint32_t i;

	swallow();
	plan.fences = fences;
	for (i = 0; i < 20000; i++)
		fences[i] = (struct fence){ 2000 + 3 * i, 2000 + 3 * i, i % 2 };
	for (i = 0; i < 10000; i++)
		fences[20000 + i] =
		    (struct fence){ 100000 + 70000 * i, 165535 + 70000 * i, i / 2 % 2 };
	plan.n_fences = 30000;
	engine = world_engine(FAMILY_IPV4);
	assert_int_equal(apply(engine, &plan), 1);
	assert_verified(engine);
	assert_held(engine, &plan);
	for (i = 0; i < 30000; i += 499) {
		assert_false(sends(fences[i].first, 99));
		assert_false(sends(fences[i].last, 99));
		assert_true(sends(fences[i].first - 1, 99));
		assert_true(sends(fences[i].last + 1, 99));
	}
	/* One more at the end, and out again. */
	fences[30000] = (struct fence){ 900000000, 900000000, 1 };
	for (i = 0; i < 20; i++) {
		plan.n_fences = 30000 + i % 2;
		assert_int_equal(apply(engine, &plan), i > 0);
		assert_int_equal(sends(900000000, 99), i % 2 == 0);
	}
	assert_int_equal(world_apply(FAMILY_IPV4, &plan), 0);
	feed("flush ruleset");
	assert_int_equal(apply(engine, &plan), 1);
	assert_verified(engine);
	plan.n_fences = 0;
	assert_int_equal(apply(engine, &plan), 1);
	assert_same("nft list ruleset", "");
	nftables_engine.close(engine);
	free(fences);
}

/* As many addresses as a policy may name: more than one message of netlink holds. */
static void
lists_as_long_as_may_be(void **state)
{
	struct scene *scene = *state;
	struct rule *rule = &scene->policies[2]->egress[0];
	struct engine_state *engine;
	uint32_t i;

	swallow();
	scene->policies[2] =
	    sketch(scene->arena, "others", "allow udp/7,9-10 10.9.0.2 2001:db8::1; default drop");
	rule = &scene->policies[2]->egress[0];
	rule->n_to[FAMILY_IPV4] = rule->n_to[FAMILY_IPV6] = POLICY_ADDRESSES_MAX;
	rule->to[FAMILY_IPV4] =
	    arena_new_of(scene->arena, POLICY_ADDRESSES_MAX, struct address_range);
	rule->to[FAMILY_IPV6] =
	    arena_new_of(scene->arena, POLICY_ADDRESSES_MAX, struct address_range);
	for (i = 0; i < POLICY_ADDRESSES_MAX; i++) {
		uint8_t ipv4[4] = { (uint8_t)(9 + (i >> 15)), (uint8_t)(i >> 7),
			(uint8_t)(i << 1) };
		uint8_t ipv6[16] = { 0xfd, 0, (uint8_t)(i >> 8), (uint8_t)i };

		memcpy(rule->to[FAMILY_IPV4][i].first, ipv4, 4);
		memcpy(rule->to[FAMILY_IPV4][i].last, ipv4, 4);
		rule->to[FAMILY_IPV4][i].last[3] = 200;
		memcpy(rule->to[FAMILY_IPV6][i].first, ipv6, 16);
		memcpy(rule->to[FAMILY_IPV6][i].last, ipv6, 16);
		rule->to[FAMILY_IPV6][i].last[15] = 0xff;
	}
	engine = world_engine(FAMILY_IPV4);
	scene->fences[0] = (struct fence){ 4000, 4000, 2 };
	assert_int_equal(apply(engine, &scene->one), 1);
	assert_verified(engine);
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->one), 0);
	assert_true(sends(4000, 7));
	assert_true(sends(4000, 10));
	assert_false(sends(4000, 8));
	nftables_engine.close(engine);
}

/* ---------------------------------------------------------------- one after another */

#define PLANS        150
#define POLICIES_MAX 6
#define FENCES_MAX   60

/* Random plans: each leaves what it would have left in an empty table. */
static void
each_plan_leaves_only_itself(void **state)
{
	static const char *const names[POLICIES_MAX] = { "vendor", "users/vendor",
		"groups/supporters", "users/a rather long name with blanks", "groups/x", "others" };
	const struct policy *policies[POLICIES_MAX] = { NULL };
	struct fence fences[FENCES_MAX];
	struct fence_plan plan = { POLICIES_MAX, policies, 0, fences, true, 5, 0 };
	struct scene *scene = *state;
	struct engine_state *engine;
	struct policy *policy;
	uint32_t i, uid;
	char *others;
	int round;

	world_enter();
	random_begin();
	feed(FOREIGN);
	others = world_run(OTHERS);
	engine = world_engine(FAMILY_IPV4);
	for (round = 0; round < PLANS; round++) {
		for (i = 0; i < POLICIES_MAX; i++) {
			if (policies[i] && roll(4))
				continue;
			policy = random_policy(scene->arena);
			policy->name = names[i];
			policy->serve.kind = (enum passage_kind)roll(3);
			if (policy->serve.kind == PASSAGE_LIST)
				random_whats(
				    scene->arena, &policy->serve.n_what, &policy->serve.what);
			policies[i] = policy;
		}
		plan.n_fences = roll(8) == 0 ? 0 : 1 + roll(roll(2) ? 8 : FENCES_MAX);
		uid = (roll(2) ? 1000 : 65500) + roll(3);
		for (i = 0; i < plan.n_fences; i++) {
			fences[i] =
			    (struct fence){ uid, uid + roll(4) * roll(4), roll(POLICIES_MAX) };
			uid = fences[i].last + 1 + roll(3);
		}
		if (roll(5) == 0)
			feed(roll(2) ? "add table ip more" : "add table ip6 more");
		assert_in_range(apply(engine, &plan), 0, 4);
		assert_verified(engine);
		assert_held(engine, &plan);
		/* Whoever has not been there before finds nothing to do. */
		assert_int_equal(world_apply(FAMILY_IPV4, &plan), 0);
	}
	assert_same(OTHERS, others);
	free(others);
	nftables_engine.close(engine);
}

/* ---------------------------------------------------------------- the gate */

/* Whoever is fenced first is, and whoever is right below or above is not. */
static void
the_first_uid(void **state)
{
	static const uint32_t firsts[] = { 1, 2, 64, 100, 511, 512, 999, 1000, 1001, 1023, 1024,
		1025, 2047, 2048, 20000, 65535, 65536, 65537, 100000, 4194304, 2147483647,
		2147483648, 4294967292 };
	struct scene *scene = *state;
	struct fence_plan plan = scene->one;
	struct engine_state *engine;
	uint32_t first;
	size_t i;

	swallow();
	engine = world_engine(FAMILY_IPV4);
	plan.fences = scene->fences;
	plan.n_fences = 2;
	for (i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
		first = firsts[i];
		scene->fences[0] = (struct fence){ first, first, 0 };
		scene->fences[1] = (struct fence){ first + 2, first + 2, 0 };
		assert_int_equal(apply(engine, &plan), 1);
		assert_verified(engine);
		assert_false(sends(first, 99));
		assert_false(sends(first + 2, 99));
		assert_true(sends(first - 1, 99));
		assert_true(sends(first + 1, 99));
		assert_true(sends(0, 99));
	}
	nftables_engine.close(engine);
}

/* ---------------------------------------------------------------- no window */

#define SENDER 120000
#define USER   4000 /* as a sender, too */

/* The sender has one, and who makes the changes has another, where there are two. */
static void
on_processor(int number)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(number, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* A process with one socket of the fenced uid that never stops sending. */
static pid_t
start_sender(uint32_t uid, volatile uint64_t *tries)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(99) };
	pid_t child = fork();
	int fd;

	if (child != 0)
		return child;
	on_processor(1);
	setfsuid(uid);
	/* Another fsuid has it forgotten. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		_exit(1);
	for (;;) {
		if (send(fd, "x", 1, 0) == 1)
			tries[1]++;
		++tries[0];
	}
	_exit(0);
}

/* What `change` makes of the plan, again and again, is put up beside a sender that is to be fenced
 * all the time; and at the end it is seen that it does send. */
static void
keep_changing(uint32_t uid, struct fence_plan *plan, unsigned int times,
    void (*change)(struct scene *scene, struct fence_plan *plan, unsigned int i),
    struct scene *scene)
{
	volatile uint64_t *tries = mmap(
	    NULL, 2 * sizeof(*tries), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct engine_state *engine;
	cpu_set_t processors;
	unsigned int i;
	uint64_t before;
	int status;
	pid_t sender;

	assert_ptr_not_equal(tries, MAP_FAILED);
	assert_int_equal(sched_getaffinity(0, sizeof(processors), &processors), 0);
	swallow();
	plan->log = false;
	on_processor(0);
	engine = world_engine(FAMILY_IPV4);
	change(scene, plan, 0);
	apply(engine, plan);
	sender = start_sender(uid, tries);
	for (i = 0; i < times; i++) {
		before = tries[0];
		change(scene, plan, i);
		assert_in_range(apply(engine, plan), 0, 4);
		while (tries[0] < before + 3)
			sched_yield();
	}
	before = tries[1];
	world_do("nft delete table inet netfence");
	while (tries[1] == before)
		sched_yield();
	assert_int_equal(kill(sender, SIGKILL), 0);
	assert_int_equal(waitpid(sender, &status, 0), sender);
	print_message("%llu tries\n", (unsigned long long)tries[0]);
	sched_setaffinity(0, sizeof(processors), &processors);
	assert_int_equal(before, 0);
	nftables_engine.close(engine);
	munmap((void *)(uintptr_t)tries, 2 * sizeof(*tries));
}

/* The sender goes from one policy to another, both of which deny; either one's rules change; those
 * below it in the gate come and go. */
static void
change_whatever(struct scene *scene, struct fence_plan *plan, unsigned int i)
{
	/* Connection tracking that comes and goes would take all the time. */
	scene->policies[0]->serve.kind = PASSAGE_NONE;
	scene->policies[0]->unmatched = ACTION_DROP;
	scene->fences[0] = (struct fence){ 4000, 4000, 1 };
	scene->fences[1] = (struct fence){ 100000, 165535, i % 2 };
	plan->fences = scene->fences + i / 2 % 2;
	plan->n_fences = 2 - i / 2 % 2;
	if (i % 8 >= 4)
		scene->policies[i % 2]->loopback =
		    (struct passage){ i / 8 % 2 ? PASSAGE_NONE : PASSAGE_ALL, 0, NULL };
}

static void
no_window_whatever_changes(void **state)
{
	struct scene *scene = *state;
	struct fence_plan plan = scene->two;

	plan.generation = 0; /* policies are others each time */
	keep_changing(SENDER, &plan, 3000, change_whatever, scene);
}

/* The sender comes to a policy when that no longer allows what it sends, and goes when it does
 * again, whether that stands in the policy's first chain or in that of one protocol. */
static void
change_what_is_left(struct scene *scene, struct fence_plan *plan, unsigned int i)
{
	static const char *const rules[] = { "allow tcp/1,3 any; allow udp/1-98 any",
		"allow tcp/1,3 any; allow udp/1-99 any",
		"allow tcp/1 any; allow udp/1 any; reject udp/99 any; allow udp/2 any",
		"allow tcp/1 any; allow udp/1 any; allow udp/99 any; allow udp/2 any" };

	scene->policies[0] = sketch(scene->arena, "vendor", "allow tcp/1 any");
	scene->policies[1] = sketch(scene->arena, "groups/supporters", rules[i % 4]);
	scene->fences[0] = (struct fence){ 4000, 4000, 1 };
	scene->fences[1] = (struct fence){ 100000, 165535, (i + 1) % 2 };
	plan->fences = scene->fences;
	plan->n_fences = 2;
}

static void
no_window_for_who_comes_and_goes(void **state)
{
	struct scene *scene = *state;
	struct fence_plan plan = scene->two;

	plan.generation = 0;
	keep_changing(SENDER, &plan, 1000, change_what_is_left, scene);
}

/* Somebody's policy names other addresses, or other ports, each time: what is rejected by the sets
 * of the one and of the other alike is never let out. */
static void
change_sets(struct scene *scene, struct fence_plan *plan, unsigned int i)
{
	static const char *const rules[] = {
		"reject any 10.9.0.2 10.9.0.7; default allow",
		"reject any 10.9.0.2 10.9.0.9; default allow",
		"reject udp/9,99 any; default allow",
		"reject udp/7,99 any; default allow",
	};

	scene->policies[0] = sketch(scene->arena, "vendor", rules[i % 4]);
	scene->fences[0] = (struct fence){ SENDER, SENDER, 0 };
	plan->fences = scene->fences;
	plan->n_fences = 1;
}

static void
no_window_as_sets_change(void **state)
{
	struct scene *scene = *state;
	struct fence_plan plan = scene->two;

	plan.generation = 0;
	keep_changing(SENDER, &plan, 2000, change_sets, scene);
}

/* The sender's policy is another one when something is granted and when that ends; and the one that
 * stands behind what is granted changes along with that. */
static void
change_what_is_behind(struct scene *scene, struct fence_plan *plan, unsigned int i)
{
	struct policy *front = arena_new_of(scene->arena, 1, struct policy);

	scene->policies[0] = sketch(scene->arena, "vendor", "allow tcp/1 any");
	scene->policies[1] = sketch(
	    scene->arena, "groups/supporters", i % 2 ? "allow tcp/1 any" : "allow udp/99 any");
	*front = *scene->policies[1];
	front->name = "grants/grants-4000";
	front->behind = scene->policies[1];
	front->granted = sketch(scene->arena, "granted", "allow tcp/2 any")->egress;
	front->n_granted = 1;
	scene->policies[2] = front;
	scene->fences[0] = (struct fence){ USER, USER, i % 2 ? 2 : 0 };
	scene->fences[1] = (struct fence){ USER + 2, USER + 2, 1 };
	scene->fences[2] = (struct fence){ 100000, 165535, i % 2 ? 2 : 0 };
	plan->fences = scene->fences;
	plan->n_fences = 3;
}

static void
no_window_behind_what_is_granted(void **state)
{
	struct scene *scene = *state;
	struct fence_plan plan = scene->two;

	plan.generation = 0;
	keep_changing(USER, &plan, 2000, change_what_is_behind, scene);
	keep_changing(SENDER, &plan, 2000, change_what_is_behind, scene);
}

/* Neighbours above 65535 come and go: the fences beside the sender's are of the same policy, and so
 * one range, or of another, which splits it. */
static void
change_ranges(struct scene *scene, struct fence_plan *plan, unsigned int i)
{
	static const struct fence plans[][5] = {
		{ { SENDER, SENDER, 0 } },
		{ { SENDER, SENDER + 1, 0 } },
		{ { SENDER - 1, SENDER + 1, 0 } },
		{ { SENDER - 1, SENDER, 0 } },
		{ { SENDER - 1, SENDER - 1, 1 }, { SENDER, SENDER, 0 },
		    { SENDER + 1, SENDER + 1, 1 } },
		{ { SENDER - 9000, SENDER + 9000, 1 } },
		{ { SENDER - 9000, SENDER - 1, 1 }, { SENDER, SENDER, 0 },
		    { SENDER + 1, SENDER + 9000, 1 } },
		{ { 70000, 79999, 1 }, { 80000, UINT32_MAX - 1, 0 } },
	};

	(void)i;
	scene->policies[0]->serve.kind = PASSAGE_NONE;
	scene->policies[0]->unmatched = ACTION_DROP;
	memcpy(scene->fences, plans[roll(sizeof(plans) / sizeof(plans[0]))], sizeof(plans[0]));
	plan->fences = scene->fences;
	for (plan->n_fences = 0; plan->n_fences < 5 && scene->fences[plan->n_fences].first;)
		plan->n_fences++;
}

static void
no_window_among_ranges(void **state)
{
	struct scene *scene = *state;
	struct fence_plan plan = scene->two;

	random_begin();
	keep_changing(SENDER, &plan, 3000, change_ranges, scene);
}

/* So many others come and go that the map of users is another one each time, while the rules of the
 * sender's policy, or which one that is, and its range's neighbours may change as well. */
static void
change_how_many(struct scene *scene, struct fence_plan *plan, unsigned int i)
{
	static struct fence fences[LAYOUT_USERS];
	const uint32_t n = i % 2 ? LAYOUT_USERS / 2 + 1 : LAYOUT_USERS / 4;
	uint32_t j;

	scene->policies[0]->serve.kind = scene->policies[1]->serve.kind = PASSAGE_NONE;
	scene->policies[0]->unmatched = ACTION_DROP;
	if (i % 4 == 0)
		scene->policies[i / 8 % 2]->loopback =
		    (struct passage){ i / 16 % 2 ? PASSAGE_NONE : PASSAGE_ALL, 0, NULL };
	for (j = 0; j < n; j++)
		fences[j] = (struct fence){ USER + 2 * j, USER + 2 * j, j ? j % 2 : i / 2 % 2 };
	fences[n] = (struct fence){ SENDER - 9000 + i % 3, SENDER + 9000, i / 4 % 2 };
	plan->fences = fences;
	plan->n_fences = n + 1;
}

static void
no_window_as_many_come_and_go(void **state)
{
	struct scene *scene = *state;
	struct fence_plan plan = scene->two;

	plan.generation = 0;
	keep_changing(USER, &plan, 300, change_how_many, scene);
	keep_changing(SENDER, &plan, 300, change_how_many, scene);
}

/* Killed at any instant, it has left one plan or the other, and never a part. */
static void
killed_at_any_instant(void **state)
{
	struct scene *scene = *state;
	struct timespec pause = { 0 };
	unsigned int i, met[2] = { 0 };
	char *lists[2], *list;
	int status;
	pid_t child;

	world_enter();
	random_begin();
	world_apply(FAMILY_IPV4, &scene->one);
	lists[0] = world_run(OURS);
	world_apply(FAMILY_IPV4, &scene->two);
	lists[1] = world_run(OURS);
	for (i = 0; i < 100; i++) {
		child = fork();
		if (child == 0) {
			struct engine_state *engine = world_engine(FAMILY_IPV4);

			for (;;) {
				apply(engine, &scene->one);
				apply(engine, &scene->two);
			}
		}
		/* Later and later: a slow machine gets as far as the second change, too. */
		pause.tv_nsec = 1000 * (long)roll(20000U << i / 25);
		nanosleep(&pause, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		list = world_run(OURS);
		if (strcmp(list, lists[0]) != 0)
			assert_string_equal(list, lists[1]);
		met[strcmp(list, lists[0]) != 0]++;
		free(list);
	}
	print_message("one %u times, the other %u\n", met[0], met[1]);
	assert_true(met[0] && met[1]);
	free(lists[0]);
	free(lists[1]);
}

/* Somebody else changes tables all the time. Both keep at it; whatever the engine says, it says
 * truly, and in the end all is as it should be. */
static void
a_busy_neighbour(void **state)
{
	struct scene *scene = *state;
	struct engine_state *engine, *other;
	unsigned int commits = 0;
	int i, error, status, refused = 0;
	struct why why;
	pid_t writer;

	world_enter();
	writer = fork();
	if (writer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* An engine without fences deletes our table, too. */
		for (;;) {
			world_do("nft add table ip more");
			world_do("nft delete table ip more");
		}
	}
	engine = world_engine(FAMILY_IPV4);
	for (i = 0; i < 2000; i++) {
		error = nftables_engine.apply(
		    engine, i % 2 ? &scene->one : &scene->two, &commits, &why);
		if (error && error != -EAGAIN)
			fail_msg("%d: %s", error, why.text);
		refused += error == -EAGAIN;
	}
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	print_message("%u commits, %d gave up\n", commits, refused);
	assert_int_equal(commits + (unsigned int)refused, 2000);
	/* Two engines, which know nothing of each other. */
	other = world_engine(FAMILY_IPV4);
	for (i = 0; i < 100; i++) {
		apply(engine, &scene->one);
		assert_int_equal(apply(other, &scene->two), 1);
		assert_int_equal(nftables_engine.verify(engine, &why), -EUCLEAN);
	}
	assert_verified(other);
	nftables_engine.close(engine);
	nftables_engine.close(other);
}

/* ---------------------------------------------------------------- privileges */

static int
as_nobody(const struct fence_plan *plan, bool admin, char *words)
{
	struct engine_state *engine = NULL;
	unsigned int commits = 0;
	struct why why = { "" };
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		int error;

		capng_clear(CAPNG_SELECT_BOTH);
		if (admin)
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN);
		if (capng_change_id(65534, 65534, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING))
			_exit(255);
		error = nftables_engine.open(FAMILY_IPV4, &engine, &why);
		if (!error)
			error = nftables_engine.apply(engine, plan, &commits, &why);
		_exit(write(ends[1], why.text, sizeof(why.text)) < 0 ? 255 : -error);
	}
	assert_int_equal(read(ends[0], words, WHY_MAX), WHY_MAX);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(ends[0]);
	close(ends[1]);
	return WEXITSTATUS(status);
}

static void
one_capability_suffices(void **state)
{
	struct scene *scene = *state;
	char words[WHY_MAX];

	world_enter();
	assert_int_equal(as_nobody(&scene->two, false, words), EPERM);
	assert_non_null(strstr(words, "CAP_NET_ADMIN"));
	assert_int_equal(as_nobody(&scene->two, true, words), 0);
	assert_int_equal(world_apply(FAMILY_IPV4, &scene->two), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opening_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_engine_does_both, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_kernel_holds_what_was_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(others_tables_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tampering_is_seen_and_mended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_new_engine_mends_it_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_table_is_made_anew_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changes_elsewhere_are_no_drift, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_held, set_up, tear_down),
		cmocka_unit_test_setup_teardown(counters_and_limits_go_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(there_is_room_for_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_policies_of_ten_thousand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lists_as_long_as_may_be, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_plan_leaves_only_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_first_uid, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_window_whatever_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    no_window_for_who_comes_and_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_window_as_sets_change, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    no_window_behind_what_is_granted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_window_among_ranges, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_window_as_many_come_and_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed_at_any_instant, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_busy_neighbour, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_capability_suffices, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("nftables", tests, NULL, NULL);
}
