/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resources.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/identity.h"
#include "netfence/paths.h"
#include "notify.h"

#define LOCK_PATH "/run/xtables.lock"
#define BACKLOG   1024

/* Users come through it to why.sock, and see nothing else. */
#define RUN_MODE 0711

#define DESCRIPTORS_MIN 65536

/* A folder of root's, that nobody else may write; made where it is missing. */
static int
open_folder(int at, const char *path, mode_t mode, uid_t uid, gid_t gid, struct why *why)
{
	cleanup_fd int fd = -1;
	struct stat found;

	if (mkdirat(at, path, mode) < 0 && errno != EEXIST)
		return why_errno(why, errno, "%s", path);
	fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &found) < 0)
		return why_errno(why, errno, "%s", path);
	if ((found.st_uid != 0 && found.st_uid != uid) || (found.st_mode & 0022))
		return why_set(why, EPERM,
		    "%s must be root's and writable by nobody else (mode %03o, uid %u)", path,
		    (unsigned int)found.st_mode & 0777, (unsigned int)found.st_uid);
	if ((found.st_uid != uid || found.st_gid != gid) && fchown(fd, uid, gid) < 0)
		return why_errno(why, errno, "%s", path);
	if (fchmod(fd, mode) < 0)
		return why_errno(why, errno, "%s", path);
	return steal_fd(&fd);
}

int
resources_take_only(const char *run, int *only, struct why *why)
{
	cleanup_fd int folder = open_folder(AT_FDCWD, run, RUN_MODE, 0, 0, why);
	cleanup_fd int fd = -1;

	if (folder < 0)
		return folder;
	fd = openat(folder, NETFENCE_LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return why_errno(why, errno, "%s/%s", run, NETFENCE_LOCK_NAME);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK
			   ? why_set(why, EBUSY, "a netfenced runs already with %s", run)
			   : why_errno(why, errno, "%s/%s", run, NETFENCE_LOCK_NAME);
	*only = steal_fd(&fd);
	return 0;
}

/* A listening socket of this mode, in the place of one that an earlier netfenced left: we are the
 * only one here. */
static int
open_socket(const char *run, const char *name, mode_t mode, int *listening, struct why *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int length = snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", run, name);
	mode_t mask;

	if (fd < 0)
		return why_errno(why, errno, "socket");
	if (length < 0 || (size_t)length >= sizeof(address.sun_path))
		return why_set(why, ENAMETOOLONG, "%s is too long for a socket in it", run);
	unlink(address.sun_path);
	mask = umask(~mode & 0777);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		umask(mask);
		return why_errno(why, errno, "%s", address.sun_path);
	}
	umask(mask);
	if (listen(fd, BACKLOG) < 0)
		return why_errno(why, errno, "%s", address.sun_path);
	*listening = steal_fd(&fd);
	return 0;
}

/* The service manager hands over the socket of logins, where there is one. That of users is never
 * its: a login may start netfenced, somebody who asks why may not. */
static int
open_sockets(const char *run, int *listening, int *window, struct why *why)
{
	cleanup_fd int fd = notify_socket();
	int result = 0;

	if (fd == -EINVAL)
		return why_set(why, EINVAL, "the socket that was handed over is none for us");
	if (fd < 0)
		result = open_socket(run, NETFENCE_SOCKET_NAME, 0600, &fd, why);
	if (result == 0)
		result = open_socket(run, NETFENCE_WHY_NAME, 0666, window, why);
	if (result < 0)
		return result;
	*listening = steal_fd(&fd);
	return 0;
}

/* A mount of our own, seen by nobody else: whatever hidepid the host's /proc has. */
static int
open_proc(int *proc, struct why *why)
{
	cleanup_fd int context = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
	int fd = -1;

	if (context >= 0 &&
	    syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "hidepid", "0", 0) == 0 &&
	    syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	/* Not allowed in some containers; then the host's has to do. */
	if (fd < 0)
		fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return why_errno(why, errno, "/proc");
	*proc = fd;
	return 0;
}

/* Where the kernel has no cookies both names are the same. */
static int
name_network(struct netns_name netns[2], struct why *why)
{
	cleanup_fd int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result = identity_network(-1, &netns[0], why);

	return result < 0 ? result : identity_network(sock, &netns[1], why);
}

int
resources_open(const struct places *places, const struct account *account,
    struct resources *resources, struct why *why)
{
	cleanup_fd int run = -1, state = -1, listening = -1, window = -1, records = -1,
		       denials = -1, proc = -1;
	int result;

	run = open_folder(AT_FDCWD, places->run, RUN_MODE, 0, 0, why);
	if (run < 0)
		return run;
	state = open_folder(AT_FDCWD, places->state, 0750, 0, account->gid, why);
	if (state < 0)
		return state;
	records = open_folder(run, NETFENCE_RECORDS, 0700, account->uid, account->gid, why);
	if (records < 0)
		return records;
	denials = open_folder(run, NETFENCE_DENIALS, 0700, account->uid, account->gid, why);
	if (denials < 0)
		return denials;
	result = open_proc(&proc, why);
	if (result == 0)
		result = open_sockets(places->run, &listening, &window, why);
	if (result == 0)
		result = name_network(resources->netns, why);
	if (result < 0)
		return result;
	resources->state = steal_fd(&state);
	resources->listening = steal_fd(&listening);
	resources->window = steal_fd(&window);
	resources->folders[CHANNEL_RECORDS] = steal_fd(&records);
	resources->folders[CHANNEL_DENIALS] = steal_fd(&denials);
	resources->proc = steal_fd(&proc);
	return 0;
}

int
resources_renew_folder(const struct places *places, const struct account *account,
    enum channel_folder which, struct resources *resources, struct why *why)
{
	const char *name = which == CHANNEL_RECORDS ? NETFENCE_RECORDS : NETFENCE_DENIALS;
	cleanup_fd int run = -1;
	struct stat found;
	int folder;

	if (fstat(resources->folders[which], &found) == 0 && found.st_nlink > 0)
		return 0;
	run = open_folder(AT_FDCWD, places->run, RUN_MODE, 0, 0, why);
	if (run < 0)
		return run;
	folder = open_folder(run, name, 0700, account->uid, account->gid, why);
	if (folder < 0)
		return folder;
	close(resources->folders[which]);
	resources->folders[which] = folder;
	return 0;
}

const char *
resources_lock_path(void)
{
	const char *path = secure_getenv("XTABLES_LOCKFILE");

	return path && path[0] ? path : LOCK_PATH;
}

int
resources_open_lock(const char *path, int *lock, struct why *why)
{
	/* As iptables opens it. */
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return why_errno(why, errno, "the xtables lock, %s", path);
	*lock = fd;
	return 0;
}

static void
modprobe(const char *const *arguments)
{
	static const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	pid_t pid;

	/* posix_spawn wants char *const; it does not write to them. */
	if (posix_spawnp(&pid, "modprobe", NULL, NULL, (char *const *)(uintptr_t)arguments,
		(char *const *)(uintptr_t)environment) == 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
}

void
resources_load_modules(enum settings_engine engine)
{
	static const char *const iptables[] = { "modprobe", "-q", "-b", "-a", "ip_tables",
		"ip6_tables", "iptable_filter", "ip6table_filter", "xt_owner", "xt_multiport",
		"xt_addrtype", "xt_conntrack", "xt_iprange", "ipt_REJECT", "ip6t_REJECT",
		"ip6t_ipv6header", "xt_tcpudp", "xt_hashlimit", "xt_NFLOG", NULL };
	static const char *const nftables[] = { "modprobe", "-q", "-b", "-a", "nf_tables", "nft_ct",
		"nft_fib_inet", "nft_limit", "nft_log", "nft_reject_inet", NULL };
	static const char *const both[] = { "modprobe", "-q", "-b", "-a", "nfnetlink_log",
		"inet_diag", "tcp_diag", "udp_diag", NULL };

	if (engine != SETTINGS_ENGINE_NFTABLES)
		modprobe(iptables);
	/* Where auto comes to it the kernel loads what is missing by itself. */
	if (engine == SETTINGS_ENGINE_NFTABLES)
		modprobe(nftables);
	modprobe(both);
}

void
resources_raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_max < DESCRIPTORS_MIN)
		limit.rlim_max = DESCRIPTORS_MIN;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0) {
		/* More than we may have: what we may. */
		getrlimit(RLIMIT_NOFILE, &limit);
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int
empty_folder(const char *run, const char *name, struct why *why)
{
	cleanup_free char *path = NULL;
	struct dirent *entry;
	DIR *listing;

	if (asprintf(&path, "%s/%s", run, name) < 0)
		return why_set(why, ENOMEM, "no memory");
	listing = opendir(path);
	if (!listing)
		return errno == ENOENT ? 0 : why_errno(why, errno, "%s", path);
	while ((entry = readdir(listing)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(dirfd(listing), entry->d_name, 0);
	closedir(listing);
	return 0;
}

int
resources_forget_records(const char *run, struct why *why)
{
	int result = empty_folder(run, NETFENCE_RECORDS, why);

	return result < 0 ? result : empty_folder(run, NETFENCE_DENIALS, why);
}
