/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mount namespace of the test's own, without root where the kernel lets a user have one: there
 * /etc, /dev and the state folder are empty, and the module as it was built finds in them what
 * the test put there. And what it writes to syslog, at /dev/log.
 */
#ifndef NETFENCE_TESTS_PAM_WORLD_H
#define NETFENCE_TESTS_PAM_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "netfence/paths.h"

/* A step without which no test can be made. */
#define must(condition)                                                                    \
	do {                                                                               \
		if (!(condition)) {                                                        \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, \
			    strerror(errno));                                              \
			exit(99);                                                          \
		}                                                                          \
	} while (0)

struct world {
	char built[PATH_MAX];  /* the folder that the test program lies in */
	char module[PATH_MAX]; /* pam_netfence.so */
	char socket[64];       /* where the scripted daemon listens */
	int log;               /* /dev/log */
	pthread_t logger;
	pthread_mutex_t lock;
	pthread_cond_t arrived;
	char lines[64 * 1024]; /* what has been logged, a line each */
	size_t used;
};

static struct world world = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.arrived = PTHREAD_COND_INITIALIZER,
};

static inline void
world_write(const char *path, const char *text)
{
	int fd;

	unlink(path); /* a new inode: libc reads what it caches of /etc again */
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	must(fd >= 0);
	must(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static inline void
world_write_map(const char *path, unsigned int outside)
{
	char text[32];
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	snprintf(text, sizeof(text), "0 %u 1\n", outside);
	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static inline void
world_unshare(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int fd;

	if (uid == 0) {
		must(unshare(CLONE_NEWNS) == 0);
	} else if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
		fd = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
		must(fd >= 0 && write(fd, "deny", 4) == 4);
		close(fd);
		world_write_map("/proc/self/uid_map", uid);
		world_write_map("/proc/self/gid_map", gid);
	} else {
		printf("1..1\nok 1 - all # skip neither root nor a user namespace to be had: %s\n",
		    strerror(errno));
		exit(0);
	}
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

static inline void
world_empty(const char *folder)
{
	must(mount("none", folder, "tmpfs", 0, "mode=755") == 0);
}

/* Nodes cannot be made without root, but those that are there can be mounted. */
static inline void
world_make_dev(void)
{
	static const char *const nodes[] = { "/dev/null", "/dev/zero", "/dev/urandom" };
	char held[3][32];
	int fds[3];
	size_t i;

	for (i = 0; i < 3; i++) {
		fds[i] = open(nodes[i], O_PATH | O_CLOEXEC);
		must(fds[i] >= 0);
		snprintf(held[i], sizeof(held[i]), "/proc/self/fd/%d", fds[i]);
	}
	world_empty("/dev");
	for (i = 0; i < 3; i++) {
		world_write(nodes[i], "");
		must(mount(held[i], nodes[i], NULL, MS_BIND, NULL) == 0);
		close(fds[i]);
	}
}

static inline void
world_make_state(void)
{
	char folder[] = NETFENCE_STATEDIR, *slash;
	struct stat status;

	/* Over the nearest folder that there is, and then down again. */
	do {
		slash = strrchr(folder, '/');
		must(slash && slash != folder);
		*slash = '\0';
	} while (stat(folder, &status) < 0);
	world_empty(folder);
	while (strcmp(folder, NETFENCE_STATEDIR) != 0) {
		folder[strlen(folder)] = '/';
		must(mkdir(folder, 0755) == 0);
	}
}

static inline void *
world_listen(void *unused)
{
	char line[4096];
	ssize_t length;

	(void)unused;
	while ((length = recv(world.log, line, sizeof(line) - 1, 0)) > 0) {
		pthread_mutex_lock(&world.lock);
		must(world.used + (size_t)length + 2 < sizeof(world.lines));
		memcpy(world.lines + world.used, line, (size_t)length);
		world.used += (size_t)length;
		world.lines[world.used++] = '\n';
		world.lines[world.used] = '\0';
		pthread_cond_broadcast(&world.arrived);
		pthread_mutex_unlock(&world.lock);
	}
	return NULL;
}

/* Forgets what has been logged so far; all of it has arrived, as each line of ours waits for its
 * marker. */
static inline void
world_log_forget(void)
{
	pthread_mutex_lock(&world.lock);
	world.used = 0;
	world.lines[0] = '\0';
	pthread_mutex_unlock(&world.lock);
}

/* Waits until a line with `text` has arrived. */
static inline void
world_log_await(const char *text)
{
	pthread_mutex_lock(&world.lock);
	while (!strstr(world.lines, text))
		pthread_cond_wait(&world.arrived, &world.lock);
	pthread_mutex_unlock(&world.lock);
}

/* Everything that has been logged, once it has all arrived. */
static inline const char *
world_log(void)
{
	static const struct sockaddr_un address = { AF_UNIX, "/dev/log" };
	static unsigned int number;
	char marker[32];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(marker, sizeof(marker), "marker %u", ++number);
	must(fd >= 0);
	must(sendto(fd, marker, strlen(marker), 0, (const struct sockaddr *)&address,
		 sizeof(address)) > 0);
	close(fd);
	world_log_await(marker);
	return world.lines;
}

static inline void
world_make_log(void)
{
	static const struct sockaddr_un address = { AF_UNIX, "/dev/log" };

	world.log = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(world.log >= 0);
	must(bind(world.log, (const struct sockaddr *)&address, sizeof(address)) == 0);
	must(pthread_create(&world.logger, NULL, world_listen, NULL) == 0);
}

/* The services of libnss_scripted.so.2 are found by name only, and where to look is read once,
 * when a program starts. */
static inline void
world_find(char **argv)
{
	char *path;
	const char *search = getenv("LD_LIBRARY_PATH");
	char program[PATH_MAX];

	must(realpath(argv[0], program)); /* not /proc/self/exe, which valgrind would be */
	path = dirname(program);
	snprintf(world.built, sizeof(world.built), "%s", path);
	if (!search || strcmp(search, world.built) != 0) {
		setenv("LD_LIBRARY_PATH", world.built, 1);
		execv(argv[0], argv);
		must(!"exec");
	}
	must((size_t)snprintf(world.module, sizeof(world.module), "%.4000s/../../pam_netfence.so",
		 world.built) < sizeof(world.module));
	must(access(world.module, R_OK) == 0);
}

/* alice and carol are anybody; alice's primary group is alice, she is in supporters too. */
static inline void
world_make_users(void)
{
	world_write("/etc/passwd", "root:x:0:0::/root:/bin/sh\n"
				   "toor:x:0:0::/root:/bin/sh\n"
				   "alice:x:4000:4000::/:/bin/sh\n"
				   "bob:x:4001:4001::/:/bin/sh\n"
				   "carol:x:4002:4002::/:/bin/sh\n"
				   "dave:x:4003:4100::/:/bin/sh\n"
				   "ally:x:4000:4000::/:/bin/sh\n"
				   "nameless:x:4005:4999::/:/bin/sh\n"
				   "clouded:x:4006:7777::/:/bin/sh\n");
	world_write("/etc/group", "root:x:0:\n"
				  "alice:x:4000:\n"
				  "bob:x:4001:\n"
				  "carol:x:4002:\n"
				  "wheel:x:4100:bob\n"
				  "supporters:x:4200:alice,nameless\n");
	world_write("/etc/nsswitch.conf", "passwd: files scripted\ngroup: files scripted\n");
	unlink("/etc/subuid");
}

/* To be called first in main(), before there are threads. */
static inline void
world_enter(char **argv)
{
	world_find(argv);
	world_unshare();
	world_empty("/etc");
	world_make_dev();
	world_make_state();
	must(mkdir("/etc/pam.d", 0755) == 0);
	snprintf(world.socket, sizeof(world.socket), "/dev/netfenced.sock");
	world_make_log();
	world_make_users();
}

#endif
