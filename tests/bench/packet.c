/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet ROUNDS SESSIONS
 *
 * What a packet costs, and what the tables take, in network namespaces of its own: without rules;
 * of each engine with one fenced user, and with SESSIONS of them; and with as many in a flat list.
 * Prints lines of "ENGINE/NAME NUMBER": nanoseconds for a UDP packet of 64 bytes to a device that
 * swallows it, from sendto() to its return, of a fenced user and of root; Mbit/s of TCP over a veth
 * pair; and bytes of kernel memory.
 */
/* Before the kernel's headers, which then leave its definitions alone. */
#include <netinet/in.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fence/engine.h"
#include "iptables/text.h"
#include "plans.h"

#define PACKETS 5000
#define USERS   32 /* of the crowd, spread over it */
#define STREAMS 32 /* of them and of root, by turns */

enum place { NONE, ONE, MANY, NFT_ONE, NFT_MANY, FLAT, PLACES };

static const struct {
	const char *engine;
	const char *name;
} place_names[PLACES] = { { "none", "none" }, { "iptables", "one" }, { "iptables", "many" },
	{ "nftables", "one" }, { "nftables", "many" }, { "flat", "flat" } };

static int places[PLACES], far_place;
static char stream_to[16]; /* where the far end of the cable is */

static void
run(const char *command)
{
	if (system(command) != 0)
		bench_die(command);
}

static int
new_namespace(void)
{
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		bench_die("unshare");
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	run("ip link set lo up");
	return fd;
}

static void
enter(int namespace)
{
	if (setns(namespace, CLONE_NEWNET) < 0)
		bench_die("setns");
}

static void
fill(const struct engine *engine, const struct fence_plan *plan)
{
	struct engine_state *state;
	unsigned int commits = 0;
	struct why why;

	if (engine->open(FAMILY_IPV4, &state, &why) < 0 ||
	    engine->apply(state, plan, &commits, &why) < 0) {
		fprintf(stderr, "%s\n", why.text);
		exit(1);
	}
	engine->close(state);
}

/* The same fences and the same policy, without gate and tree. */
static void
fill_flat(const struct fence_plan *plan)
{
	struct fence_plan one = *plan;
	FILE *out = popen("iptables-legacy-restore -n", "w");
	char *text = NULL, *line;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	uint32_t i;

	one.n_fences = 1;
	if (!out || !memory || iptables_rules_text(&one, FAMILY_IPV4, memory))
		bench_die("flat list");
	fclose(memory);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strstr(line, "-A OUTPUT ") || strstr(line, "-A NETFENCE ") ||
		    strstr(line, ":NETFENCE "))
			continue;
		if (strcmp(line, "COMMIT") == 0)
			for (i = 0; i < plan->n_fences; i++)
				fprintf(out,
				    "-A OUTPUT -m owner --uid-owner %u-%u -j NETFENCE:policy-0\n",
				    plan->fences[i].first, plan->fences[i].last);
		fprintf(out, "%s\n", line);
	}
	if (pclose(out) != 0)
		bench_die("flat list");
	free(text);
}

/* What all of the kernel has allocated for itself, whichever way; what is freed takes a moment. */
static double
kernel_bytes(void)
{
	static const char *const kinds[] = { "SUnreclaim:", "VmallocUsed:", "Percpu:" };
	char name[32];
	double sum = 0;
	long kib;
	size_t i;
	FILE *file;

	usleep(200000);
	file = fopen("/proc/meminfo", "re");
	while (file && fscanf(file, "%31s %ld%*[^\n]", name, &kib) == 2)
		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (!strcmp(name, kinds[i]))
				sum += (double)kib * 1024;
	if (file)
		fclose(file);
	return sum;
}

static void
fill_place(enum place place, const struct fence_plan *plan)
{
	if (place == FLAT)
		fill_flat(plan);
	else if (place != NONE)
		fill(place < NFT_ONE ? &iptables_engine : &nftables_engine, plan);
}

/* What the tables of IPv4 take in the kernel, nftables' those of both families, in a namespace that
 * has nothing else. */
static double
table_bytes(enum place place, const struct fence_plan *plan)
{
	static const struct fence_plan nothing = { 0 };
	double before;

	/* Kept until the end: what becomes of one that goes would be counted. */
	new_namespace();
	/* What there is but once. */
	if (place == FLAT)
		run("iptables-legacy -nL > /dev/null");
	else
		fill_place(place, &nothing);
	before = kernel_bytes();
	fill_place(place, plan);
	return kernel_bytes() - before;
}

/* In a child, as the user, in the namespace that we are in; what it says. */
static double
as(uint32_t uid, double (*act)(void))
{
	double result = -1;
	int ends[2];

	if (pipe(ends) < 0)
		bench_die("pipe");
	if (fork() == 0) {
		if (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
			_exit(1);
		result = act();
		_exit(write(ends[1], &result, sizeof(result)) != sizeof(result));
	}
	close(ends[1]);
	if (read(ends[0], &result, sizeof(result)) != sizeof(result))
		bench_die("child");
	close(ends[0]);
	wait(NULL);
	return result;
}

static double
send_packets(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(100) };
	char bytes[36] = "";
	int fd = socket(AF_INET, SOCK_DGRAM, 0), i;
	double began;

	inet_pton(AF_INET, "10.0.0.1", &to.sin_addr);
	began = clock_ns();
	for (i = 0; i < PACKETS; i++)
		if (sendto(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			return -1;
	return (clock_ns() - began) / PACKETS;
}

#define STREAM_FIRST_NS 2e7 /* until it is at full speed */
#define STREAM_NS       1e8

static double
send_stream(void)
{
	static char bytes[128 * 1024];
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(5001) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	double began = clock_ns(), now, counted = 0, sent = 0;
	ssize_t n;

	inet_pton(AF_INET, stream_to, &to.sin_addr);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -1;
	do {
		n = send(fd, bytes, sizeof(bytes), 0);
		if (n < 0)
			return -1;
		now = clock_ns();
		if (counted > 0)
			sent += (double)n;
		else if (now - began > STREAM_FIRST_NS)
			counted = now;
	} while (now - began < STREAM_FIRST_NS + STREAM_NS);
	return sent * 8 / (now - counted) * 1e3;
}

/* Takes whatever comes to a port, one connection after the other. */
static pid_t
sink(void)
{
	static char bytes[256 * 1024];
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(5001) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), peer, one = 1;
	pid_t child;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0 || listen(fd, 5) < 0)
		bench_die("sink");
	child = fork();
	while (child == 0) {
		peer = accept(fd, NULL, NULL);
		while (recv(peer, bytes, sizeof(bytes), 0) > 0)
			;
		close(peer);
	}
	close(fd);
	return child;
}

/* A device that swallows packets, and a cable to the far place. */
static void
make_place(enum place place)
{
	char command[512];

	places[place] = new_namespace();
	snprintf(command, sizeof(command),
	    "ip link add swallow type ifb && ip addr add 10.0.0.254/24 dev swallow && "
	    "ip link set swallow up && "
	    "ip link add cable type veth peer name cable%d netns /proc/%d/fd/%d && "
	    "ip addr add 10.1.%d.1/24 dev cable && ip link set cable up",
	    place, getpid(), far_place, place);
	run(command);
	enter(far_place);
	snprintf(command, sizeof(command),
	    "ip addr add 10.1.%d.2/24 dev cable%d && ip link set cable%d up", place, place, place);
	run(command);
}

static double
stream(enum place place, uint32_t uid)
{
	enter(places[place]);
	snprintf(stream_to, sizeof(stream_to), "10.1.%d.2", place);
	return as(uid, send_stream);
}

/* Nanoseconds for a packet; and against the one without rules right before or behind it. */
struct compared {
	struct samples ns;
	struct samples added;
	struct samples ratio;
};

/* Root and a user in each place, one right after the other. A flat list takes a second for what the
 * others do in a hundredth. */
static void
compare_packets(uint32_t member, struct compared *root, struct compared *user)
{
	double ns[PLACES], root_ns[PLACES];
	enum place place;

	for (place = NONE; place < FLAT; place++) {
		enter(places[place]);
		ns[place] =
		    as(crowd_uid(place == ONE || place == NFT_ONE ? 0 : member), send_packets);
		root_ns[place] = as(0, send_packets);
		samples_add(&user[place].ns, ns[place]);
		samples_add(&root[place].ns, root_ns[place]);
		samples_add(&user[place].added, ns[place] - ns[NONE]);
		samples_add(&root[place].ratio, root_ns[place] / root_ns[NONE]);
	}
}

/* One with rules right beside one without, who goes first by turns: what else the machine does
 * changes from one second to the next, and what counts is the ratio. */
static void
compare_streams(enum place many, uint32_t uid, bool after, struct samples *with,
    struct samples *without, struct samples *ratios)
{
	double one, other;

	one = stream(after ? many : NONE, uid);
	other = stream(after ? NONE : many, uid);
	samples_add(with, after ? one : other);
	samples_add(without, after ? other : one);
	samples_add(ratios, after ? one / other : other / one);
}

static void
say(const char *what, enum place place, double number)
{
	printf("%s/%s-%s %.1f\n", place_names[place].engine, what, place_names[place].name, number);
}

int
main(int argc, char **argv)
{
	static struct compared user[PLACES], root[PLACES];
	static struct samples with[PLACES][2], without[PLACES][2], ratios[PLACES][2], flat;
	static struct samples bytes[PLACES];
	int rounds = argc > 1 ? atoi(argv[1]) : 10, round;
	uint32_t sessions = argc > 2 ? (uint32_t)atoi(argv[2]) : CROWD_MAX;
	struct arena *arena = arena_new();
	struct policy *policy = arena_new_of(arena, 1, struct policy);
	const struct policy *list[1] = { policy };
	struct fence_plan wanted[2] = { 0 };
	struct plan plans[2];
	uint32_t i, uid;
	enum place place;
	pid_t taker;

	*policy = *make_policy(arena, 0);
	policy->unmatched = ACTION_ALLOW; /* the stream's packets too pass all of it */
	for (i = 0; i < 2; i++) {
		make_plan(&plans[i], i ? sessions : 1, 1, false);
		wanted[i] = (struct fence_plan){ 1, list, plans[i].n, plans[i].fences, true, 5, 1 };
	}
	wanted[0].n_fences = 1;
	for (round = 0; round < rounds + 2; round++)
		for (place = MANY; place < PLACES; place++)
			if (place != NFT_ONE)
				samples_add(&bytes[place], table_bytes(place, &wanted[1]));
	far_place = new_namespace();
	taker = sink();
	for (place = NONE; place < PLACES; place++) {
		make_place(place);
		enter(places[place]);
		fill_place(place, &wanted[place == MANY || place == NFT_MANY || place == FLAT]);
	}
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < USERS; i++)
			compare_packets((2 * i + 1) * sessions / (2 * USERS), root, user);
		for (i = 0; i < STREAMS; i++) {
			uid = i % 2 ? 0 : crowd_uid((i + 1) * sessions / (STREAMS + 1));
			for (place = MANY; place <= NFT_MANY; place += NFT_MANY - MANY)
				compare_streams(place, uid, i / 2 % 2, &with[place][i % 2],
				    &without[place][i % 2], &ratios[place][i % 2]);
		}
		samples_add(&flat, stream(FLAT, crowd_uid(sessions / 2)));
	}
	for (place = NONE; place < FLAT; place++) {
		say("packet-user", place, samples_median(&user[place].ns));
		say("packet-root", place, samples_median(&root[place].ns));
		if (place == NONE)
			continue;
		say("packet-user-added", place, samples_median(&user[place].added));
		printf("%s/packet-root-ratio-%s %.4f\n", place_names[place].engine,
		    place_names[place].name, samples_median(&root[place].ratio));
	}
	for (place = MANY; place <= NFT_MANY; place += NFT_MANY - MANY)
		for (i = 0; i < 2; i++) {
			const char *who = i ? "root" : "user", *engine = place_names[place].engine;

			printf("%s/stream-%s-none %.1f\n", engine, who,
			    samples_median(&without[place][i]));
			printf("%s/stream-%s-many %.1f\n", engine, who,
			    samples_median(&with[place][i]));
			printf("%s/stream-%s-ratio %.4f\n", engine, who,
			    samples_median(&ratios[place][i]));
		}
	for (place = MANY; place < PLACES; place++)
		if (place != NFT_ONE)
			printf("%s/bytes %.0f\n", place_names[place].engine,
			    samples_median(&bytes[place]));
	say("stream-user", FLAT, samples_median(&flat));
	kill(taker, SIGKILL);
	return 0;
}
