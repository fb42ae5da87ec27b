/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main as it is, in a process of its own, between a supervisor, engines and callers that are the
 * test: what main says to them can be seen, and what it hears is chosen, one message at a time.
 */
#ifndef TESTS_SCRIPTED_H
#define TESTS_SCRIPTED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "channel.h"
#include "daemon.h"
#include "engine_process.h"
#include "fence/crossing.h"
#include "log.h"
#include "wire/client.h"

/* Nobody on this machine has them. */
#define ALICE    1234500001U
#define BOB      1234500002U
#define CAROL    1234500003U
#define SUBUIDS  1234600000U
#define DEADLINE (wire_clock_ms() + 8000)

struct scripted {
	char folder[32];
	char socket[64], rules[64], records[64], state[64], lock[64];
	int listening;
	int records_fd, state_fd, proc;
	int lock_fd; /* of main and its engines */
	int channel; /* to main, as its supervisor has it */
	struct channel_batch *batch;
	int engines[FAMILIES];
	struct wire_out policies[FAMILIES]; /* that they were given last */
	bool hold_cuts;                     /* the test answers CUT itself */
	bool hold_uses;                     /* and USE and CLEAR */
	bool drift; /* the next look at the tables is told that something is missing */
	pid_t main;
};

/* What main asked of an engine last. */
struct asked {
	uint16_t operation; /* ENGINE_APPLY or ENGINE_LOCK; or what is held */
	uint32_t n;         /* of fences; USE: which engine */
	struct fence *fences;
	uint32_t n_cuts; /* APPLY: whose sockets to cut then */
	struct fence *cuts;
};

/* ---------------------------------------------------------------------------- the stage */

static inline void
scripted_write(const char *folder, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0640), 0);
}

#define SCRIPTED_RULES                              \
	"version: 1\n"                              \
	"groups:\n"                                 \
	"  supporters:\n"                           \
	"    egress: [{allow: udp/162, to: any}]\n" \
	"    message: limited\n"

/* Callers have to be root; in a user namespace of our own we are. */
static inline bool
scripted_become_root(void)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int i;
	const struct {
		const char *path;
		unsigned int id;
	} maps[] = { { "/proc/self/uid_map", uid }, { "/proc/self/gid_map", gid } };

	if (uid == 0)
		return true;
	if (unshare(CLONE_NEWUSER) < 0)
		return false;
	for (i = -1; i < 2; i++) {
		int fd = open(i < 0 ? "/proc/self/setgroups" : maps[i].path, O_WRONLY | O_CLOEXEC);
		int length = i < 0 ? snprintf(map, sizeof(map), "deny")
				   : snprintf(map, sizeof(map), "0 %u 1", maps[i].id);

		if (fd < 0 || write(fd, map, (size_t)length) != length)
			return false;
		close(fd);
	}
	return geteuid() == 0;
}

/* The cookie of the network namespace that main is in. */
#define SCRIPTED_COOKIE 4711

/* Starts main, with whatever records are there. */
static inline void
scripted_start(struct scripted *scripted)
{
	struct daemon_setup setup = {
		.rules = scripted->rules,
		.lock_path = scripted->lock,
		.listening = scripted->listening,
		.records = scripted->records_fd,
		.state = scripted->state_fd,
		.proc = scripted->proc,
	};
	struct stat netns;
	int pair[2];

	scripted->lock_fd = open(scripted->lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(scripted->lock_fd >= 0);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(stat("/proc/self/ns/net", &netns), 0);
	setup.netns[0] = (struct netns_name){ netns.st_dev, netns.st_ino };
	setup.netns[1] = (struct netns_name){ 0, SCRIPTED_COOKIE };
	setup.lock = scripted->lock_fd;
	scripted->main = fork();
	assert_true(scripted->main >= 0);
	if (!scripted->main) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		signal(SIGPIPE, SIG_IGN);
		close(pair[0]);
		setup.channel = pair[1];
		setup.batch = scripted->batch;
		log_open("netfenced-main", getenv("SCRIPTED_DEBUG") != NULL);
		_exit(daemon_run(&setup));
	}
	close(pair[1]);
	scripted->channel = pair[0];
	scripted->engines[FAMILY_IPV4] = scripted->engines[FAMILY_IPV6] = -1;
}

/* main must have lived until now, and dies here. */
static inline void
scripted_kill(struct scripted *scripted)
{
	int status;

	assert_int_equal(kill(scripted->main, SIGKILL), 0);
	assert_int_equal(waitpid(scripted->main, &status, 0), scripted->main);
	scripted->main = 0;
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail_msg("main had ended by itself, status %#x", (unsigned int)status);
	close(scripted->channel);
	close(scripted->lock_fd);
	close(scripted->engines[FAMILY_IPV4]);
	close(scripted->engines[FAMILY_IPV6]);
}

static inline int
scripted_setup(void **state)
{
	struct scripted *scripted = calloc(1, sizeof(*scripted));
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*state = scripted;
	scripted->batch = channel_new_batch();
	assert_non_null(scripted->batch);
	strcpy(scripted->folder, "/tmp/netfence-XXXXXX");
	if (!scripted_become_root()) {
		print_message("SKIPPED: needs root, or a user namespace\n");
		return 0;
	}
	assert_non_null(mkdtemp(scripted->folder));
	snprintf(scripted->socket, sizeof(scripted->socket), "%s/socket", scripted->folder);
	snprintf(scripted->rules, sizeof(scripted->rules), "%s/rules", scripted->folder);
	snprintf(scripted->records, sizeof(scripted->records), "%s/records", scripted->folder);
	snprintf(scripted->state, sizeof(scripted->state), "%s/state", scripted->folder);
	snprintf(scripted->lock, sizeof(scripted->lock), "%s/lock", scripted->folder);
	assert_int_equal(mkdir(scripted->rules, 0750), 0);
	assert_int_equal(mkdir(scripted->records, 0700), 0);
	assert_int_equal(mkdir(scripted->state, 0750), 0);
	scripted_write(scripted->rules, "netfence.yaml", SCRIPTED_RULES);
	scripted->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	strcpy(address.sun_path, scripted->socket);
	assert_int_equal(
	    bind(scripted->listening, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(scripted->listening, 1024), 0);
	scripted->records_fd = open(scripted->records, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scripted->state_fd = open(scripted->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scripted->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(scripted->records_fd >= 0 && scripted->state_fd >= 0 && scripted->proc >= 0);
	scripted_start(scripted);
	return 0;
}

static inline int
scripted_remove(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(path);
}

static inline int
scripted_teardown(void **state)
{
	struct scripted *scripted = *state;

	if (scripted->main) {
		scripted_kill(scripted);
		close(scripted->listening);
		close(scripted->records_fd);
		close(scripted->state_fd);
		close(scripted->proc);
	}
	wire_out_free(&scripted->policies[FAMILY_IPV4]);
	wire_out_free(&scripted->policies[FAMILY_IPV6]);
	if (scripted->socket[0])
		nftw(scripted->folder, scripted_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(scripted);
	return 0;
}

/* At the head of each test. */
static inline struct scripted *
scripted_begin(void **state)
{
	struct scripted *scripted = *state;

	if (!scripted->main)
		skip();
	return scripted;
}

/* ------------------------------------------------------------------------- what goes on beside */

/* took: what was to be applied is in force. */
static inline void
engine_did(
    const struct scripted *scripted, enum family family, bool took, int error, const char *text)
{
	struct wire_out out = { 0 };

	wire_put_u32(&out, (uint32_t)error);
	wire_put_u8(&out, took);
	wire_put_u32(&out, took);
	wire_put_u32(&out, 0);
	wire_put_u8(&out, true);
	wire_put_string(&out, text);
	assert_int_equal(wire_send(scripted->engines[family],
			     (enum protocol_operation)ENGINE_RESULT, &out, DEADLINE, NULL),
	    0);
	wire_out_free(&out);
}

static inline void
engine_says(const struct scripted *scripted, enum family family, int error, const char *text)
{
	engine_did(scripted, family, !error, error, text);
}

/* What it has come to, and whether the other has left something. */
static inline void
engine_uses(const struct scripted *scripted, enum family family, enum settings_engine which,
    bool other_left)
{
	struct wire_out out = { 0 };

	wire_put_u8(&out, (uint8_t)which);
	wire_put_u8(&out, other_left);
	assert_int_equal(wire_send(scripted->engines[family], (enum protocol_operation)ENGINE_USING,
			     &out, DEADLINE, NULL),
	    0);
	wire_out_free(&out);
}

/* Takes one message to an engine. */
static inline void
engine_takes(const struct scripted *scripted, enum family family, struct protocol_header *header,
    uint8_t **payload)
{
	struct why why = { "" };

	if (wire_receive(scripted->engines[family], header, payload, DEADLINE, &why) < 0)
		fail_msg("engine %d was not asked: %s", family, why.text);
}

/* Main asks its engines now and then whether all is well, and after a commit to cut sockets: both
 * are answered here, and policies taken note of. True where something else waits for the test. */
static inline bool
engine_minds(struct scripted *scripted, enum family family)
{
	struct protocol_header header;
	uint8_t *payload;

	while (
	    recv(scripted->engines[family], &header, sizeof(header), MSG_PEEK) == sizeof(header)) {
		if (header.operation == ENGINE_APPLY || header.operation == ENGINE_LOCK ||
		    (header.operation == ENGINE_CUT && scripted->hold_cuts) ||
		    ((header.operation == ENGINE_USE || header.operation == ENGINE_CLEAR) &&
			scripted->hold_uses))
			return true;
		engine_takes(scripted, family, &header, &payload);
		if (header.operation == ENGINE_POLICIES) {
			wire_out_free(&scripted->policies[family]);
			wire_put_bytes(&scripted->policies[family], payload, header.length);
		}
		free(payload);
		if (header.operation == ENGINE_VERIFY && scripted->drift) {
			engine_says(scripted, family, EUCLEAN, "the jump is missing");
			scripted->drift = false;
		} else if (header.operation == ENGINE_USE) {
			engine_uses(scripted, family, SETTINGS_ENGINE_IPTABLES, false);
		} else if (header.operation != ENGINE_POLICIES) {
			engine_says(scripted, family, 0, "");
		}
	}
	return errno != EAGAIN;
}

/* Waits until there is something to be read from fd, and minds the engines meanwhile. */
static inline void
wait_for(struct scripted *scripted, int fd)
{
	struct pollfd pollers[1 + FAMILIES] = { { .fd = fd, .events = POLLIN } };
	int64_t until = DEADLINE;
	int family;

	for (family = 0; family < FAMILIES; family++)
		pollers[1 + family] =
		    (struct pollfd){ .fd = scripted->engines[family], .events = POLLIN };
	while (!pollers[0].revents) {
		int64_t left = until - wire_clock_ms();

		if (left <= 0 || poll(pollers, 1 + FAMILIES, (int)left) < 1)
			fail_msg("nothing came");
		for (family = 0; family < FAMILIES; family++)
			if (pollers[1 + family].revents &&
			    engine_minds(scripted, (enum family)family))
				pollers[1 + family].fd = -1;
	}
}

/* -------------------------------------------------------------------------- as supervisor */

/* Waits for main to say this word; others are passed over. */
static inline void
scripted_hears(struct scripted *scripted, enum channel_word word)
{
	struct channel_message message;
	int64_t until = DEADLINE;
	int fd;

	do {
		if (wire_clock_ms() > until)
			fail_msg("main never said %d", word);
		wait_for(scripted, scripted->channel);
		assert_int_equal(channel_receive(scripted->channel, &message, &fd), 1);
		if (fd >= 0)
			close(fd);
	} while (message.word != word);
}

/* Main wants the modules for this engine, and is told that they are there. */
static inline void
scripted_loads(struct scripted *scripted, enum settings_engine engine)
{
	struct channel_message message;
	int64_t until = DEADLINE;
	int fd;

	do {
		if (wire_clock_ms() > until)
			fail_msg("main never wanted modules");
		wait_for(scripted, scripted->channel);
		assert_int_equal(channel_receive(scripted->channel, &message, &fd), 1);
		if (fd >= 0)
			close(fd);
	} while (message.word != CHANNEL_LOAD);
	assert_int_equal(message.number, engine);
	assert_int_equal(channel_send(scripted->channel, CHANNEL_LOADED, 0, -1), 0);
}

/* A new engine for main, which has not said anything yet. */
static inline void
engine_start(struct scripted *scripted, enum family family)
{
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(channel_send(scripted->channel, CHANNEL_ENGINE, family, pair[1]), 0);
	close(pair[1]);
	scripted->engines[family] = pair[0];
}

static inline void
engine_die(struct scripted *scripted, enum family family)
{
	close(scripted->engines[family]);
	scripted->engines[family] = -1;
}

/* ---------------------------------------------------------------------------- as an engine */

static inline void
asked_clear(struct asked *asked)
{
	free(asked->fences);
	free(asked->cuts);
	memset(asked, 0, sizeof(*asked));
}

/* The next question to this engine that is the test's to answer. */
static inline void
engine_hears(struct scripted *scripted, enum family family, struct asked *asked)
{
	struct protocol_header header;
	struct wire_in in;
	uint8_t *payload;

	int64_t until = DEADLINE;

	asked_clear(asked);
	do {
		if (wire_clock_ms() > until)
			fail_msg("engine %d was not asked", family);
		wait_for(scripted, scripted->engines[family]);
	} while (!engine_minds(scripted, family));
	engine_takes(scripted, family, &header, &payload);
	in = (struct wire_in){ .data = payload, .left = header.length };
	if (header.operation == ENGINE_USE)
		asked->n = wire_get_u8(&in);
	else if (header.operation == ENGINE_CUT)
		assert_int_equal(wire_get_u8(&in), 0); /* not only to count */
	if (header.operation == ENGINE_APPLY || header.operation == ENGINE_CUT)
		assert_true(crossing_get_fences(&in, UINT32_MAX, &asked->fences, &asked->n));
	if (header.operation == ENGINE_APPLY)
		assert_true(crossing_get_fences(&in, UINT32_MAX, &asked->cuts, &asked->n_cuts));
	free(payload);
	asked->operation = header.operation;
}

/* Is the uid in what was asked? */
static inline bool
asked_fences(const struct asked *asked, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < asked->n; i++)
		if (asked->fences[i].first <= uid && uid <= asked->fences[i].last)
			return true;
	return false;
}

/* This engine is asked to apply something with `uid` in it, or without. */
static inline void
engine_is_to(struct scripted *scripted, enum family family, uint32_t uid, bool fenced)
{
	struct asked asked = { 0 };

	engine_hears(scripted, family, &asked);
	assert_int_equal(asked.operation, ENGINE_APPLY);
	if (asked_fences(&asked, uid) != fenced)
		fail_msg("engine %d is to %s uid %u", family, fenced ? "free" : "fence", uid);
	asked_clear(&asked);
}

/* Both are, and can. */
static inline void
engines_do(struct scripted *scripted, uint32_t uid, bool fenced)
{
	engine_is_to(scripted, FAMILY_IPV4, uid, fenced);
	engine_is_to(scripted, FAMILY_IPV6, uid, fenced);
	engine_says(scripted, FAMILY_IPV4, 0, "");
	engine_says(scripted, FAMILY_IPV6, 0, "");
}

/* From nothing to a main that serves: the first commit, with `uid` in it or without. */
static inline void
engines_up(struct scripted *scripted, uint32_t uid, bool fenced)
{
	enum family family;

	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine_start(scripted, family);
		engine_says(scripted, family, 0, "");
	}
	engines_do(scripted, uid, fenced);
	scripted_hears(scripted, CHANNEL_READY);
}

#endif
