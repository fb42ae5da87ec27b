/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "admin.h"
#include "channel.h"
#include "denials/denials.h"
#include "engines/engines.h"
#include "granting/granting.h"
#include "life/life.h"
#include "log.h"
#include "log_loop.h"
#include "off.h"
#include "reload/reload.h"
#include "self_service.h"
#include "server.h"
#include "terminate.h"

struct daemon {
	const struct daemon_setup *setup;
	struct event_base *base;
	struct log_loop *log;
	struct event *channel;
	struct life *life;
	struct engines *engines;
	struct reload *reload;
	struct off *off;
	struct terminate *terminate;
	struct denials *denials;
	struct grants *grants;
	struct granting *granting;
	struct admin *admin;
	struct server *server;
	struct self_service *self_service;
	bool ready;
};

static void
tell_ready(struct daemon *daemon)
{
	if (daemon->ready)
		return;
	daemon->ready = true;
	channel_send(daemon->setup->channel, CHANNEL_READY, 0, -1);
}

static void
on_commit_over(enum engines_outcome outcome, const struct why *why, void *data)
{
	struct daemon *daemon = data;

	life_commit_over(daemon->life, outcome, why);
	granting_commit_over(daemon->granting, outcome == ENGINES_DONE ? NULL : why);
	denials_set_kernel(daemon->denials, !engines_cannot_log(daemon->engines));
	denials_follow_rules(daemon->denials);
	/* Also where it could not be: then we refuse, and say why. */
	if (outcome != ENGINES_UNKNOWN)
		tell_ready(daemon);
}

static void
on_held(const struct plan *plan, void *data)
{
	struct daemon *daemon = data;

	life_held(daemon->life, plan);
	reload_ask_damaged(daemon->reload);
}

static void
on_drifted(const struct why *why, void *data)
{
	struct daemon *daemon = data;

	life_drifted(daemon->life, why);
}

static void
on_counted(int64_t number, void *data)
{
	struct daemon *daemon = data;

	reload_counted(daemon->reload, number);
	life_engines_changed(daemon->life);
}

/* An engine has come up or has said that it cannot. Where the first commit cannot be, because the
 * engines are broken or there are no rules, we serve all the same: refusing, with the reason, is
 * what is left to do. */
static void
on_engines_changed(void *data)
{
	struct daemon *daemon = data;
	const char *reason;
	int family;

	life_engines_changed(daemon->life);
	for (family = 0; family < FAMILIES; family++)
		if (engines_condition(daemon->engines, (enum family)family, &reason) ==
		    ENGINE_STARTING)
			return;
	if (!engines_serving(daemon->engines) || !life_rules(daemon->life))
		tell_ready(daemon);
}

static void
on_channel(int fd, short what, void *data)
{
	static const struct reload_request from_files = { .from = RELOAD_FILES };
	struct daemon *daemon = data;
	struct channel_message message;
	int passed, result;

	(void)what;
	while ((result = channel_receive(fd, &message, &passed)) == 1) {
		if (message.word == CHANNEL_ENGINE && passed >= 0 && message.number < FAMILIES) {
			engines_adopt(daemon->engines, (enum family)message.number, passed);
			continue;
		}
		if (message.word == CHANNEL_FOLDER && passed >= 0) {
			if (message.number == CHANNEL_RECORDS)
				life_set_records(daemon->life, passed);
			else
				denials_set_folder(daemon->denials, passed);
			continue;
		}
		if (message.word == CHANNEL_REAPER && passed >= 0) {
			life_set_reaper(daemon->life, passed);
			continue;
		}
		if (message.word == CHANNEL_RESOLVER && passed >= 0) {
			reload_set_resolver(daemon->reload, passed);
			continue;
		}
		if (message.word == CHANNEL_WINDOW && passed >= 0) {
			self_service_set_window(daemon->self_service, passed);
			continue;
		}
		if (message.word == CHANNEL_LOG) {
			denials_set_socket(daemon->denials, passed, message.number);
			continue;
		}
		if (message.word == CHANNEL_LOADED)
			engines_loaded(daemon->engines);
		if (message.word == CHANNEL_RELOAD)
			reload_start(daemon->reload, &from_files, NULL);
		if (passed >= 0)
			close(passed);
	}
	if (result != -EAGAIN)
		event_base_loopbreak(daemon->base);
}

/* With hidepid we would see nobody's processes but our own, and take everybody for gone. */
static int
check_proc(int proc, struct why *why)
{
	if (faccessat(proc, "1/status", R_OK, 0) == 0)
		return 0;
	return why_errno(why, errno,
	    "/proc hides the processes of others (hidepid) and cannot be mounted without that");
}

static bool
on_ask(const struct resolver_question *users, uint32_t n, void *data)
{
	struct daemon *daemon = data;

	return daemon->reload && reload_ask_logins(daemon->reload, users, n);
}

static int
begin(struct daemon *daemon, struct why *why)
{
	const struct daemon_setup *setup = daemon->setup;
	const struct engines_calls calls = {
		.held = on_held,
		.drifted = on_drifted,
		.counted = on_counted,
		.over = on_commit_over,
		.changed = on_engines_changed,
		.data = daemon,
	};
	struct life_setup life = {
		.records = setup->records,
		.channel = setup->channel,
		.proc = setup->proc,
		.state = setup->state,
		.netns = { setup->netns[0], setup->netns[1] },
		.ask = on_ask,
		.ask_data = daemon,
	};
	int result;

	result = check_proc(setup->proc, why);
	if (result < 0)
		return result;
	daemon->base = event_base_new();
	/* The end of a process counts after what it has said before. */
	if (!daemon->base || event_base_priority_init(daemon->base, OPENER_PRIORITY + 1) < 0)
		return why_set(why, ENOMEM, "no event loop");
	daemon->log = log_loop_new(daemon->base, &setup->batch->unlogged);
	if (!daemon->log)
		return why_set(why, ENOMEM, "no memory");
	life.base = daemon->base;
	daemon->grants = grants_new();
	life.grants = daemon->grants;
	daemon->life = life_new(&life);
	daemon->engines = engines_new(
	    daemon->base, setup->lock, setup->lock_path, setup->channel, setup->batch, &calls);
	if (daemon->engines && setup->chosen)
		engines_choose(daemon->engines, setup->engine);
	daemon->channel =
	    event_new(daemon->base, setup->channel, EV_READ | EV_PERSIST, on_channel, daemon);
	if (!daemon->grants || !daemon->life || !daemon->engines || !daemon->channel ||
	    event_add(daemon->channel, NULL) < 0)
		return why_set(why, ENOMEM, "no memory");
	life_set_engines(daemon->life, daemon->engines);
	daemon->reload = reload_new(&(const struct reload_setup){
	    .base = daemon->base,
	    .life = daemon->life,
	    .folder = setup->rules,
	    .state = setup->state,
	    .channel = setup->channel,
	    .proc = setup->proc,
	});
	if (!daemon->reload)
		return why_set(why, ENOMEM, "no memory");
	daemon->denials = denials_new(&(const struct denials_setup){
	    .base = daemon->base,
	    .life = daemon->life,
	    .channel = setup->channel,
	    .folder = setup->denials,
	});
	if (!daemon->denials)
		return why_set(why, ENOMEM, "no memory");
	daemon->admin = admin_new(daemon->life, daemon->engines, daemon->reload, daemon->denials);
	if (!daemon->admin)
		return why_set(why, ENOMEM, "no memory");
	admin_set_chosen(daemon->admin, setup->chosen);
	daemon->self_service = self_service_new(daemon->base, daemon->life, daemon->denials);
	if (!daemon->self_service)
		return why_set(why, ENOMEM, "no memory");
	daemon->granting = granting_new(&(const struct granting_setup){
	    .base = daemon->base,
	    .life = daemon->life,
	    .grants = daemon->grants,
	    .state = setup->state,
	    .channel = setup->channel,
	    .proc = setup->proc,
	});
	if (!daemon->granting)
		return why_set(why, ENOMEM, "no memory");
	granting_begin(daemon->granting);
	daemon->off = off_new(&(const struct off_setup){
	    .base = daemon->base,
	    .life = daemon->life,
	    .state = setup->state,
	    .channel = setup->channel,
	    .proc = setup->proc,
	});
	if (!daemon->off)
		return why_set(why, ENOMEM, "no memory");
	admin_set_off(daemon->admin, daemon->off);
	daemon->terminate = terminate_new(daemon->base, daemon->life, setup->proc);
	if (!daemon->terminate)
		return why_set(why, ENOMEM, "no memory");
	result = life_adopt(daemon->life, why);
	if (result < 0)
		return result;
	off_begin(daemon->off);
	if (reload_begin(daemon->reload) < 0)
		return why_set(why, ENOMEM, "no memory for the rules");
	engines_follow(daemon->engines, life_rules(daemon->life));
	daemon->server = server_new(daemon->base, setup->listening, daemon->life, daemon->admin,
	    daemon->reload, daemon->granting);
	if (!daemon->server)
		return why_set(why, ENOMEM, "no memory");
	server_set_orders(daemon->server, daemon->off, daemon->terminate);
	return 0;
}

static void
end(struct daemon *daemon)
{
	server_free(daemon->server);
	self_service_free(daemon->self_service);
	admin_free(daemon->admin);
	off_free(daemon->off);
	terminate_free(daemon->terminate);
	denials_free(daemon->denials);
	granting_free(daemon->granting);
	reload_free(daemon->reload);
	life_free(daemon->life);
	grants_free(daemon->grants);
	engines_free(daemon->engines);
	if (daemon->channel)
		event_free(daemon->channel);
	log_loop_free(daemon->log);
	if (daemon->base)
		event_base_free(daemon->base);
}

/* A descriptor for each session, its opener's: more than the thousand that a process usually has.
 * The limit up to which we may go is the administrator's. */
static void
allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
daemon_run(const struct daemon_setup *setup)
{
	struct daemon daemon = { .setup = setup };
	struct why why;
	int result;

	allow_descriptors();
	result = begin(&daemon, &why);
	if (result < 0)
		log_line(LOG_ERR, "main cannot begin: %s", why.text);
	else
		event_base_dispatch(daemon.base);
	end(&daemon);
	return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
