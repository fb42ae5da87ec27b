/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "children.h"
#include "daemon.h"
#include "denials/nflog.h"
#include "engine_process.h"
#include "engines/engines.h"
#include "iptables/listed.h"
#include "kept.h"
#include "log.h"
#include "netfence/paths.h"
#include "notify.h"
#include "reaper.h"
#include "resolver.h"
#include "window/window.h"
#include "wire/client.h"

/* How often main's commits are looked at; milliseconds. */
#define WATCH_MS 1000

/* Longer than a commit may take with all its waiting, for the lock, the rules and the sockets: then
 * main itself is stuck. */
#define BATCH_MS (ENGINES_LOCK_MS + 2 * ENGINES_COMMIT_MS + 1000)

struct supervisor {
	const struct places *places;
	enum settings_engine engine;
	bool chosen;         /* with -e */
	unsigned int loaded; /* bits: for which engines modules were loaded */
	struct account account;
	struct resources resources;
	const char *lock_path;
	int lock;
	int signals;
	int channel; /* to main, or -1 */
	int log;     /* a socket bound to a group of netlink's log, or -1 */
	uint16_t log_group;
	struct children children;
	struct channel_batch *batch; /* shared with main and the engines */
	bool ready;
};

/* In a child: nothing of the supervisor's but what it is to have. */
static void
become(const struct supervisor *supervisor, int which, pid_t parent)
{
	sigset_t none;
	struct why why;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_NAME, child_kinds[which].name, 0, 0, 0);
	log_name(child_kinds[which].name);
	close(supervisor->signals);
	close(supervisor->resources.only);
	if (supervisor->log >= 0)
		close(supervisor->log);
	if (privileges_drop(&supervisor->account, child_kinds[which].privileges, parent, &why) <
	    0) {
		log_line(LOG_ERR, "%s", why.text);
		log_close();
		_exit(EXIT_FAILURE);
	}
}

static void
work(const struct supervisor *supervisor, int which, int sock, int tables)
{
	const struct resources *resources = &supervisor->resources;

	close(supervisor->channel);
	close(resources->listening);
	close(resources->folders[CHANNEL_RECORDS]);
	close(resources->folders[CHANNEL_DENIALS]);
	close(resources->state);
	if (which != CHILD_WINDOW)
		close(resources->window);
	if (which != CHILD_REAPER)
		close(resources->proc);
	if (which > CHILD_IPV6) {
		close(supervisor->lock);
		channel_free_batch(supervisor->batch);
	}
	if (which == CHILD_REAPER)
		reaper_process(sock, resources->proc);
	else if (which == CHILD_RESOLVER)
		resolver_process(sock);
	else if (which == CHILD_WINDOW)
		window_process(sock, resources->window);
	else
		engine_process(
		    (enum family)which, sock, supervisor->lock, supervisor->batch, tables);
}

/* An engine, the reaper, the resolver or the window: a process with a socket to main, and little
 * else. */
static pid_t
start_worker(struct supervisor *supervisor, int which)
{
	const int type = which == CHILD_REAPER   ? SOCK_SEQPACKET
			 : which == CHILD_WINDOW ? SOCK_SEQPACKET | SOCK_NONBLOCK
						 : SOCK_STREAM | SOCK_NONBLOCK;
	/* All that main may have to say before the window, which has a low priority, has its turn.
	 */
	const int room = WINDOW_WAITING_MAX * WINDOW_MESSAGE_MAX;
	int pair[2], tables;
	pid_t parent = getpid(), pid;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	if (which == CHILD_WINDOW)
		setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	pid = fork();
	if (pid == 0) {
		/* Root's to open. */
		tables = which <= CHILD_IPV6 ? listed_open((enum family)which) : -1;
		become(supervisor, which, parent);
		close(pair[0]);
		work(supervisor, which, pair[1], tables);
		log_close();
		exit(EXIT_SUCCESS);
	}
	close(pair[1]);
	if (pid > 0)
		channel_send(
		    supervisor->channel, child_kinds[which].announced, (uint32_t)which, pair[0]);
	close(pair[0]);
	return pid;
}

static bool
renew_folder(struct supervisor *supervisor, enum channel_folder which)
{
	struct why why;

	if (resources_renew_folder(
		supervisor->places, &supervisor->account, which, &supervisor->resources, &why) == 0)
		return true;
	log_line(LOG_ERR, "the run folder: %s", why.text);
	return false;
}

static pid_t
start_main(struct supervisor *supervisor)
{
	const struct resources *resources = &supervisor->resources;
	struct daemon_setup setup = {
		.rules = supervisor->places->rules,
		.engine = supervisor->engine,
		.chosen = supervisor->chosen,
		.lock_path = supervisor->lock_path,
		.listening = resources->listening,
		.lock = supervisor->lock,
		.state = resources->state,
		.proc = resources->proc,
		.netns = { resources->netns[0], resources->netns[1] },
	};
	int pair[2], status;
	pid_t parent = getpid(), pid;

	renew_folder(supervisor, CHANNEL_RECORDS);
	renew_folder(supervisor, CHANNEL_DENIALS);
	setup.records = resources->folders[CHANNEL_RECORDS];
	setup.denials = resources->folders[CHANNEL_DENIALS];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		become(supervisor, CHILD_MAIN, parent);
		close(pair[0]);
		close(resources->window);
		setup.channel = pair[1];
		setup.batch = supervisor->batch;
		status = daemon_run(&setup);
		supervisor->batch->unlogged = log_close();
		exit(status);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return -1;
	}
	supervisor->channel = pair[0];
	return pid;
}

static void
start_missing(struct supervisor *supervisor, int64_t now_ms)
{
	int i;

	for (i = CHILD_MAIN; i >= 0; i--)
		if (children_due(&supervisor->children, i, now_ms))
			children_started(&supervisor->children, i,
			    i == CHILD_MAIN ? start_main(supervisor) : start_worker(supervisor, i),
			    now_ms);
}

static void
tell_unlogged(const struct supervisor *supervisor)
{
	const uint64_t lines = supervisor->batch->unlogged;

	if (lines)
		log_line(LOG_WARNING,
		    "%s ended with lines that the log had not taken, and that are lost: %" PRIu64,
		    child_kinds[CHILD_MAIN].name, lines);
	supervisor->batch->unlogged = 0;
}

/* Without main nobody would let the lock go, and the engines' sockets lead nowhere. */
static void
main_has_died(struct supervisor *supervisor)
{
	close(supervisor->channel);
	supervisor->channel = -1;
	supervisor->batch->since_ms = 0;
	tell_unlogged(supervisor);
	children_kill(&supervisor->children, CHILD_IPV4);
	children_kill(&supervisor->children, CHILD_IPV6);
	children_kill(&supervisor->children, CHILD_REAPER);
	children_kill(&supervisor->children, CHILD_RESOLVER);
	children_kill(&supervisor->children, CHILD_WINDOW);
}

/* All of the lock's holders are gone once main and both engines are; whatever they held of it
 * hangs on the open file description that is still ours. */
static void
release_lock(const struct supervisor *supervisor)
{
	if (children_no_locker(&supervisor->children))
		flock(supervisor->lock, LOCK_UN);
}

static void
reap(struct supervisor *supervisor)
{
	int64_t now_ms = wire_clock_ms();
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (children_died(&supervisor->children, pid, status, now_ms) == CHILD_MAIN)
			main_has_died(supervisor);
	release_lock(supervisor);
}

static void
renew_lock(struct supervisor *supervisor)
{
	struct why why;
	int lock;

	if (resources_open_lock(supervisor->lock_path, &lock, &why) < 0) {
		log_line(LOG_ERR, "%s", why.text);
		return;
	}
	close(supervisor->lock);
	supervisor->lock = lock;
	children_kill(&supervisor->children, CHILD_MAIN);
}

static int
keep(const struct supervisor *supervisor, const struct channel_message *message, int passed,
    struct why *why)
{
	const enum kept which = (enum kept)message->number;

	if (message->number >= KEPTS)
		return why_set(why, EINVAL, "there is no file %u", message->number);
	if (message->word == CHANNEL_FORGET)
		return kept_unlink(supervisor->resources.state, which, why);
	if (passed < 0)
		return why_set(why, EINVAL, "nothing to keep");
	return kept_store(supervisor->resources.state, which, passed, supervisor->account.gid, why);
}

/* It is ours, too, as long as main wants that group: what the kernel tells while main is started
 * again waits in the socket. */
static void
give_log(struct supervisor *supervisor, uint16_t group)
{
	struct why why;
	int error = 0;

	if (supervisor->log >= 0 && supervisor->log_group != group) {
		close(supervisor->log);
		supervisor->log = -1;
	}
	if (supervisor->log < 0)
		error = nflog_open(group, &supervisor->log, &why);
	supervisor->log_group = group;
	channel_send(supervisor->channel, CHANNEL_LOG, (uint32_t)-error, supervisor->log);
}

static void
load_modules(struct supervisor *supervisor, uint32_t engine)
{
	if (engine <= SETTINGS_ENGINE_NFTABLES && !(supervisor->loaded & 1U << engine)) {
		resources_load_modules((enum settings_engine)engine);
		supervisor->loaded |= 1U << engine;
	}
	channel_send(supervisor->channel, CHANNEL_LOADED, 0, -1);
}

static void
on_word(struct supervisor *supervisor, const struct channel_message *message, int passed)
{
	struct why why;

	switch (message->word) {
	case CHANNEL_READY:
		if (!supervisor->ready)
			notify_send("READY=1");
		supervisor->ready = true;
		break;
	case CHANNEL_KILL_ENGINES:
		children_kill(&supervisor->children, CHILD_IPV4);
		children_kill(&supervisor->children, CHILD_IPV6);
		break;
	case CHANNEL_KILL_RESOLVER:
		children_kill(&supervisor->children, CHILD_RESOLVER);
		break;
	case CHANNEL_KEEP:
	case CHANNEL_FORGET:
		if (keep(supervisor, message, passed, &why) < 0)
			log_line(LOG_ERR, "the state folder: %s", why.text);
		break;
	case CHANNEL_NEED_FOLDER:
		if (message->number < CHANNEL_FOLDERS &&
		    renew_folder(supervisor, (enum channel_folder)message->number))
			channel_send(supervisor->channel, CHANNEL_FOLDER, message->number,
			    supervisor->resources.folders[message->number]);
		break;
	case CHANNEL_NEED_LOG:
		give_log(supervisor, (uint16_t)message->number);
		break;
	case CHANNEL_LOAD:
		load_modules(supervisor, message->number);
		break;
	case CHANNEL_NEW_LOCK:
		renew_lock(supervisor);
		break;
	default:
		log_line(LOG_ERR, "main said something unknown and is started again");
		children_kill(&supervisor->children, CHILD_MAIN);
	}
}

static void
listen_to_main(struct supervisor *supervisor)
{
	struct channel_message message;
	int passed, result;

	while ((result = channel_receive(supervisor->channel, &message, &passed)) == 1) {
		on_word(supervisor, &message, passed);
		if (passed >= 0)
			close(passed);
	}
	if (result != -EAGAIN)
		children_kill(&supervisor->children, CHILD_MAIN);
}

/* How long poll() may sleep. */
static int
next_wake(const struct supervisor *supervisor, int64_t now_ms)
{
	int64_t wake = children_next(&supervisor->children);
	int log;

	if (supervisor->channel >= 0 && now_ms + WATCH_MS < wake)
		wake = now_ms + WATCH_MS;
	if (log_waits(&log) && now_ms + LOG_AGAIN_MS < wake)
		wake = now_ms + LOG_AGAIN_MS;
	if (wake == INT64_MAX)
		return -1;
	return wake <= now_ms ? 0 : (int)(wake - now_ms);
}

/* False when it is time to end. */
static bool
on_signal(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;

	while (read(supervisor->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			return false;
		if (info.ssi_signo == SIGHUP && supervisor->channel >= 0)
			channel_send(supervisor->channel, CHANNEL_RELOAD, 0, -1);
		if (info.ssi_signo == SIGCHLD)
			reap(supervisor);
	}
	return true;
}

static void
watch_main(struct supervisor *supervisor, int64_t now_ms)
{
	int64_t since_ms = supervisor->batch->since_ms;

	if (!since_ms || now_ms - since_ms < BATCH_MS)
		return;
	log_line(LOG_ERR, "main does not end its commit; starting everything again");
	supervisor->batch->since_ms = 0;
	children_kill(&supervisor->children, CHILD_MAIN);
}

static void
loop(struct supervisor *supervisor)
{
	struct pollfd polled[3] = { { .fd = supervisor->signals, .events = POLLIN },
		{ .events = POLLIN }, { .events = POLLOUT } };
	int64_t now_ms;

	for (;;) {
		now_ms = wire_clock_ms();
		watch_main(supervisor, now_ms);
		start_missing(supervisor, now_ms);
		polled[1].fd = supervisor->channel;
		if (!log_waits(&polled[2].fd))
			polled[2].fd = -1;
		if (poll(polled, 3, next_wake(supervisor, now_ms)) < 0 && errno != EINTR) {
			log_line(LOG_ERR, "poll: %s", strerrordesc_np(errno));
			return;
		}
		if (log_waits(&polled[2].fd))
			log_send();
		if (supervisor->channel >= 0 && polled[1].revents)
			listen_to_main(supervisor);
		if (polled[0].revents && !on_signal(supervisor))
			return;
	}
}

static int
begin(struct supervisor *supervisor, struct why *why)
{
	sigset_t watched;
	int result;

	if (geteuid() != 0)
		return why_set(why, EPERM, "netfenced has to be started by root");
	result = privileges_find(NETFENCE_USER, &supervisor->account, why);
	if (result < 0)
		return result;
	result = resources_take_only(supervisor->places->run, &supervisor->resources.only, why);
	if (result < 0)
		return result;
	result =
	    resources_open(supervisor->places, &supervisor->account, &supervisor->resources, why);
	if (result < 0)
		return result;
	supervisor->lock_path = resources_lock_path();
	result = resources_open_lock(supervisor->lock_path, &supervisor->lock, why);
	if (result < 0)
		return result;
	supervisor->batch = channel_new_batch();
	if (!supervisor->batch)
		return why_set(why, ENOMEM, "no memory");
	resources_raise_limits();
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGHUP);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, SIGTERM);
	sigprocmask(SIG_BLOCK, &watched, NULL);
	signal(SIGPIPE, SIG_IGN);
	supervisor->signals = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
	if (supervisor->signals < 0)
		return why_errno(why, errno, "signalfd");
	return 0;
}

/* The kernel keeps the fences, the run folder the sessions: a later netfenced takes both up. */
static void
end(struct supervisor *supervisor)
{
	int i;

	notify_send("STOPPING=1");
	for (i = CHILD_MAIN; i >= 0; i--)
		children_end(&supervisor->children, i);
	tell_unlogged(supervisor);
}

int
supervisor_run(const struct places *places, enum settings_engine engine, bool chosen)
{
	struct supervisor supervisor = {
		.places = places, .engine = engine, .chosen = chosen, .channel = -1, .log = -1
	};
	struct why why;

	if (begin(&supervisor, &why) < 0) {
		log_line(LOG_ERR, "%s", why.text);
		fprintf(stderr, "netfenced: %s\n", why.text);
		log_close();
		return EXIT_FAILURE;
	}
	loop(&supervisor);
	end(&supervisor);
	log_close();
	return EXIT_SUCCESS;
}
