/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine iptables|nftables SESSIONS POLICIES ROUNDS
 *
 * What a commit costs, in a network namespace of its own: one fence more, one fence less, through
 * the engine. Prints lines of "NAME NUMBER": medians in microseconds, sizes in bytes.
 *
 * iptables: the two families one after the other; in turn with the same table written by the bare
 * setsockopt(), and with libiptc reading it, adding one rule or taking it out, and writing it.
 * `floor` is what no writer of these tables can do a login below: both families' read and written
 * bare, at the same time.
 *
 * nftables: one fence more and one less, each by itself; in turn with one bare batch that adds an
 * element to the same map and takes it out.
 */
/* Before the kernel's headers, which then leave its definitions alone. */
#include <netinet/in.h>

#include <libiptc/libiptc.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "fence/engine.h"
#include "iptables/entry.h"
#include "map.h"
#include "nftables/layout.h"
#include "plans.h"

/* The requests of both families have the same numbers and the same shape. */
struct blob {
	int level;
	struct ipt_getinfo info;
	struct ipt_get_entries *entries;
	struct ipt_replace *replace;
	size_t size;
};

static void
blob_free(struct blob *blob)
{
	if (blob->replace)
		free(blob->replace->counters);
	free(blob->replace);
	free(blob->entries);
	*blob = (struct blob){ .info = blob->info, .level = blob->level };
}

/* The table as it is, in the shape in which it is written. */
static void
blob_read(int fd, int level, struct blob *blob)
{
	socklen_t size = sizeof(blob->info);
	size_t whole;

	blob->level = level;
	strcpy(blob->info.name, "filter");
	if (getsockopt(fd, level, IPT_SO_GET_INFO, &blob->info, &size) < 0)
		bench_die("GET_INFO");
	whole = sizeof(*blob->replace) + blob->info.size;
	if (whole != blob->size) {
		blob_free(blob);
		blob->size = whole;
		blob->entries = calloc(1, sizeof(*blob->entries) + blob->info.size);
		blob->replace = calloc(1, whole);
		blob->replace->counters =
		    calloc(blob->info.num_entries, sizeof(struct xt_counters));
	}
	strcpy(blob->entries->name, "filter");
	blob->entries->size = blob->info.size;
	size = (socklen_t)(sizeof(*blob->entries) + blob->info.size);
	if (getsockopt(fd, level, IPT_SO_GET_ENTRIES, blob->entries, &size) < 0)
		bench_die("GET_ENTRIES");
	strcpy(blob->replace->name, "filter");
	blob->replace->valid_hooks = blob->info.valid_hooks;
	blob->replace->num_entries = blob->info.num_entries;
	blob->replace->size = blob->info.size;
	memcpy(blob->replace->hook_entry, blob->info.hook_entry, sizeof(blob->info.hook_entry));
	memcpy(blob->replace->underflow, blob->info.underflow, sizeof(blob->info.underflow));
	blob->replace->num_counters = blob->info.num_entries;
	memcpy(blob->replace->entries, blob->entries->entrytable, blob->info.size);
}

static double
blob_write(int fd, const struct blob *blob)
{
	double began = clock_ns();

	if (setsockopt(fd, blob->level, IPT_SO_SET_REPLACE, blob->replace, (socklen_t)blob->size) <
	    0)
		bench_die("SET_REPLACE");
	return clock_ns() - began;
}

static int
raw_socket(int level)
{
	int fd =
	    socket(level == IPPROTO_IP ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0)
		bench_die("socket");
	return fd;
}

/* Reads and writes one family's table whenever a byte comes, which it sends back then. */
static void
serve_floor(int level, int sock)
{
	int fd = raw_socket(level);
	struct blob blob = { 0 };
	char byte;

	while (read(sock, &byte, 1) == 1) {
		blob_read(fd, level, &blob);
		blob_write(fd, &blob);
		if (write(sock, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static double
floor_of(const int sockets[FAMILIES])
{
	double began = clock_ns();
	char byte = 0;
	int family;

	for (family = 0; family < FAMILIES; family++)
		if (write(sockets[family], &byte, 1) != 1)
			bench_die("floor");
	for (family = 0; family < FAMILIES; family++)
		if (read(sockets[family], &byte, 1) != 1)
			bench_die("floor");
	return clock_ns() - began;
}

static void
start_floor(int sockets[FAMILIES])
{
	int family, pair[2];

	for (family = 0; family < FAMILIES; family++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
			bench_die("socketpair");
		if (fork() == 0) {
			close(pair[0]);
			serve_floor(family == FAMILY_IPV4 ? IPPROTO_IP : IPPROTO_IPV6, pair[1]);
		}
		close(pair[1]);
		sockets[family] = pair[0];
	}
}

/* libiptc's way to do what an engine does at least. */
static double
through_libiptc(bool more)
{
	static const xt_chainlabel output = "OUTPUT";
	struct krule rule = krule_any(KRULE_DROP);
	double began = clock_ns();
	struct xtc_handle *handle = iptc_init("filter");
	struct entry entry;
	unsigned char *target;
	int done;

	if (!handle)
		bench_die("iptc_init");
	rule.protocol = 99;
	entry_make(&rule, FAMILY_IPV4, &entry);
	/* libiptc wants a verdict's name, and finds out its number by itself. */
	target = entry.bytes + ((struct ipt_entry *)(void *)entry.bytes)->target_offset;
	strcpy((char *)target + offsetof(struct xt_entry_target, u.user.name), "DROP");
	done = more ? iptc_insert_entry(output, (const void *)entry.bytes, 1, handle)
		    : iptc_delete_num_entry(output, 1, handle);
	if (!done || !iptc_commit(handle))
		bench_die("libiptc");
	iptc_free(handle);
	return clock_ns() - began;
}

static double
apply(const struct engine *engine, struct engine_state *state, const struct fence_plan *plan)
{
	unsigned int commits = 0;
	struct why why;
	double began = clock_ns();

	if (engine->apply(state, plan, &commits, &why) < 0) {
		fprintf(stderr, "apply: %s\n", why.text);
		exit(1);
	}
	if (commits != 1)
		fprintf(stderr, "%u commits\n", commits);
	return clock_ns() - began;
}

static double
verify(const struct engine *engine, struct engine_state *state)
{
	struct why why;
	double began = clock_ns();

	if (engine->verify(state, &why) < 0) {
		fprintf(stderr, "verify: %s\n", why.text);
		exit(1);
	}
	return clock_ns() - began;
}

static void
say(const char *name, double number)
{
	printf("%s %.1f\n", name, number);
}

static struct engine_state *
open_engine(const struct engine *engine, enum family family)
{
	struct engine_state *state = NULL;
	struct why why;

	if (engine->open(family, &state, &why) < 0) {
		fprintf(stderr, "%s\n", why.text);
		exit(1);
	}
	return state;
}

static void
measure_iptables(const struct fence_plan wanted[2], int rounds)
{
	static struct samples ours[FAMILIES], looks, bare, libiptc, floors;
	const struct engine *engine = &iptables_engine;
	struct engine_state *states[FAMILIES];
	struct blob blob = { 0 };
	int fd, round, family, sockets[FAMILIES];

	for (family = 0; family < FAMILIES; family++) {
		states[family] = open_engine(engine, (enum family)family);
		apply(engine, states[family], &wanted[0]);
	}
	fd = raw_socket(IPPROTO_IP);
	start_floor(sockets);
	for (round = 0; round < rounds; round++) {
		for (family = 0; family < FAMILIES; family++) {
			samples_add(&ours[family], apply(engine, states[family], &wanted[1]));
			samples_add(&looks, verify(engine, states[family]));
		}
		blob_read(fd, IPPROTO_IP, &blob);
		samples_add(&bare, blob_write(fd, &blob));
		for (family = 0; family < FAMILIES; family++)
			samples_add(&ours[family], apply(engine, states[family], &wanted[0]));
		samples_add(&floors, floor_of(sockets));
		samples_add(&libiptc, through_libiptc(true));
		samples_add(&libiptc, through_libiptc(false));
	}
	blob_read(fd, IPPROTO_IP, &blob);
	say("entries", blob.info.num_entries);
	say("bytes", blob.info.size);
	say("bare", samples_median(&bare) / 1e3);
	say("floor", samples_median(&floors) / 1e3);
	say("libiptc", samples_median(&libiptc) / 1e3);
	say("apply-ipv4", samples_median(&ours[FAMILY_IPV4]) / 1e3);
	say("apply-ipv6", samples_median(&ours[FAMILY_IPV6]) / 1e3);
	say("verify", samples_median(&looks) / 1e3);
	say("ratio", samples_median(&ours[FAMILY_IPV4]) / samples_median(&bare));
	say("ratio-libiptc", samples_median(&libiptc) / samples_median(&bare));
}

/* Whoever else writes the table has the engine read it again: each kind has its turn of some, and
 * the first of the engine's counts for nothing. */
#define TURN 4

static void
measure_nftables(const struct fence_plan wanted[2], int rounds, uint32_t sessions)
{
	const uint32_t uid = crowd_uid(sessions / 3) + 1;
	const char *chain = "NETFENCE/policy-0";
	static struct samples ours[2], looks, bare;
	const struct engine *engine = &nftables_engine;
	struct engine_state *state = open_engine(engine, FAMILY_IPV4);
	const struct label users =
	    nset_users_label(sessions > LAYOUT_USERS / 2 ? NSET_USERS_MANY : NSET_USERS);
	struct map map = map_open(users.text, chain);
	int round;

	apply(engine, state, &wanted[0]);
	for (round = 0; round < rounds * 2; round++) {
		bool counts = round % TURN != 0;
		double more = apply(engine, state, &wanted[1]);
		double look = verify(engine, state);
		double less = apply(engine, state, &wanted[0]);

		if (counts) {
			samples_add(&ours[0], more);
			samples_add(&ours[1], less);
			samples_add(&looks, look);
		}
		if (round % TURN == TURN - 1) {
			int i;

			for (i = 0; i < TURN; i++)
				samples_add(&bare, map_change(&map, uid));
		}
	}
	say("bare", samples_median(&bare) / 1e3);
	say("apply-more", samples_median(&ours[0]) / 1e3);
	say("apply-less", samples_median(&ours[1]) / 1e3);
	say("verify", samples_median(&looks) / 1e3);
	say("ratio", samples_median(&ours[0]) / samples_median(&bare));
}

int
main(int argc, char **argv)
{
	bool nftables = argc > 1 && !strcmp(argv[1], "nftables");
	uint32_t sessions = argc > 2 ? (uint32_t)atoi(argv[2]) : 1000;
	uint32_t policies = argc > 3 ? (uint32_t)atoi(argv[3]) : 1;
	int rounds = argc > 4 ? atoi(argv[4]) : 30;
	struct arena *arena = arena_new();
	const struct policy **list = arena_new_of(arena, policies, const struct policy *);
	struct plan plans[2];
	struct fence_plan wanted[2];
	uint32_t i;

	if (unshare(CLONE_NEWNET) < 0)
		bench_die("unshare");
	for (i = 0; i < policies; i++)
		list[i] = make_policy(arena, i);
	for (i = 0; i < 2; i++) {
		make_plan(&plans[i], sessions, policies, i == 1);
		wanted[i] =
		    (struct fence_plan){ policies, list, plans[i].n, plans[i].fences, true, 5, 1 };
	}
	if (nftables)
		measure_nftables(wanted, rounds, sessions);
	else
		measure_iptables(wanted, rounds);
	return 0;
}
