/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "wire/client.h"

#define ANSWER_MAX (4 * 1024 * 1024) /* bytes that a child may say */

char *
host_path(const struct host *host, const char *path)
{
	char *whole;

	return asprintf(&whole, "%s%s", host->root, path) < 0 ? NULL : whole;
}

bool
host_stat(const struct host *host, const char *path, struct stat *status)
{
	cleanup_free char *whole = host_path(host, path);

	return whole && lstat(whole, status) == 0;
}

bool
host_exists(const struct host *host, const char *path)
{
	cleanup_free char *whole = host_path(host, path);

	return whole && access(whole, F_OK) == 0;
}

int
host_read(const struct host *host, const char *path, char **text)
{
	cleanup_free char *whole = host_path(host, path), *bytes = NULL;
	cleanup_fd int place = -1, fd = -1;
	char again[32];
	struct stat status;
	size_t length = 0, room = 0;
	ssize_t n;

	*text = NULL;
	if (!whole)
		return -ENOMEM;
	/* A user may have put a FIFO there, or a link to a device that does something when it is
	 * opened, as a watchdog does. */
	place = open(whole, O_PATH | O_CLOEXEC);
	if (place < 0 || fstat(place, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	snprintf(again, sizeof(again), "/proc/self/fd/%d", place);
	fd = open(again, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (;;) {
		if (length + 4096 > room) {
			char *grown = realloc(bytes, room = room ? room * 2 : 8192);

			if (!grown)
				return -ENOMEM;
			bytes = grown;
		}
		n = read(fd, bytes + length, room - length - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		length += (size_t)n;
		if (n == 0 || length > HOST_FILE_MAX)
			break;
	}
	bytes[length] = '\0';
	*text = steal_pointer(&bytes);
	return 0;
}

static int
by_name(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

void
host_list_free(char **names, size_t n)
{
	while (n)
		free(names[--n]);
	free(names);
}

int
host_list(const struct host *host, const char *path, char ***names, size_t *n)
{
	cleanup_free char *whole = host_path(host, path);
	const struct dirent *entry;
	size_t room = 0;
	char **list = NULL, **grown;
	int result = 0;
	DIR *folder;

	*names = NULL;
	*n = 0;
	if (!whole)
		return -ENOMEM;
	folder = opendir(whole);
	if (!folder)
		return -errno;
	while (!result && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		if (*n == room) {
			room = room ? room * 2 : 64;
			grown = realloc(list, room * sizeof(*list));
			if (!grown)
				result = -ENOMEM;
			else
				list = grown;
		}
		if (!result && !(list[*n] = strdup(entry->d_name)))
			result = -ENOMEM;
		if (!result && ++*n > HOST_LIST_MAX)
			result = -E2BIG;
	}
	closedir(folder);
	if (result < 0) {
		host_list_free(list, *n);
		*n = 0;
		return result;
	}
	if (list)
		qsort(list, *n, sizeof(*list), by_name);
	*names = list;
	return 0;
}

char *
host_program(const struct host *host, const char *name)
{
	static const char *const folders[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
		"/usr/bin", "/sbin", "/bin" };
	struct stat status;
	size_t i;
	char *path;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		cleanup_free char *whole = NULL;

		if (asprintf(&path, "%s/%s", folders[i], name) < 0)
			return NULL;
		whole = host_path(host, path);
		if (whole && stat(whole, &status) == 0 && S_ISREG(status.st_mode) &&
		    (status.st_mode & 0111))
			return path;
		free(path);
	}
	return NULL;
}

bool
host_account(const struct host *host, const char *name, uint32_t *uid, char **found)
{
	cleanup_free char *text = NULL;
	char *next, *line, *entry;
	uint32_t number;

	if (host_read(host, "/etc/passwd", &text) < 0)
		return false;
	for (next = text; (line = host_line(&next));) {
		entry = strsep(&line, ":");
		if (!line || !strsep(&line, ":") || !line)
			continue;
		number = (uint32_t)strtoul(line, NULL, 10);
		if (name ? strcmp(entry, name) != 0 : number != *uid)
			continue;
		*uid = number;
		if (found)
			*found = strdup(entry);
		return true;
	}
	return false;
}

bool
host_same_network(const struct host *host, const char *pid)
{
	cleanup_free char *path = NULL, *whole = NULL;
	struct stat ours, theirs;

	if (asprintf(&path, "/proc/%s/ns/net", pid) < 0) {
		path = NULL;
		return false;
	}
	whole = host_path(host, path);
	if (!whole || stat("/proc/self/ns/net", &ours) < 0)
		return false;
	/* Below another root there are files, and no processes. */
	return stat(whole, &theirs) < 0 ? host->root[0] != '\0' : theirs.st_ino == ours.st_ino;
}

/* ---------------------------------------------------------------- children */

static void
begin_child(int answer)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* A group of its own, to be killed as one, and no terminal to ask questions on. */
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(answer, STDOUT_FILENO);
	dup2(answer, STDERR_FILENO);
}

/* Until the child has closed its end. */
static int
listen_to(int fd, int64_t deadline_ms, char **answer)
{
	cleanup_free char *text = NULL;
	size_t length = 0, room = 0;
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int64_t left;
	ssize_t n;

	for (;;) {
		if (length + 4096 > room) {
			char *grown = realloc(text, room = room ? room * 2 : 8192);

			if (!grown)
				return -ENOMEM;
			text = grown;
		}
		left = deadline_ms - wire_clock_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		n = poll(&poller, 1, (int)left);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0)
			continue;
		n = read(fd, text + length, room - length - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			continue;
		length += (size_t)n;
		if (length > ANSWER_MAX)
			return -EFBIG;
		if (n == 0)
			break;
	}
	text[length] = '\0';
	*answer = steal_pointer(&text);
	return 0;
}

/* It has closed its output; the end of it may still be a while away. */
static int
wait_for(pid_t child, int64_t deadline_ms, int *status)
{
	while (waitpid(child, status, WNOHANG) == 0) {
		if (wire_clock_ms() >= deadline_ms)
			return -ETIMEDOUT;
		poll(NULL, 0, 2);
	}
	return 0;
}

int
host_child(int (*run)(FILE *answer, void *data), void *data, int64_t timeout_ms, char **answer,
    struct why *why)
{
	int64_t deadline_ms = wire_clock_ms() + timeout_ms;
	int ends[2], status = 0, result;
	pid_t child;

	*answer = NULL;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return why_errno(why, errno, "pipe");
	fflush(NULL);
	child = fork();
	if (child == 0) {
		begin_child(ends[1]);
		result = run(stdout, data);
		_exit(fflush(stdout) == 0 ? result : 255);
	}
	close(ends[1]);
	if (child < 0) {
		result = why_errno(why, errno, "fork");
		close(ends[0]);
		return result;
	}
	result = listen_to(ends[0], deadline_ms, answer);
	close(ends[0]);
	if (result == 0)
		result = wait_for(child, deadline_ms, &status);
	if (result < 0) {
		kill(-child, SIGKILL);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		free(*answer);
		*answer = NULL;
		if (result == -ETIMEDOUT)
			return why_set(
			    why, ETIMEDOUT, "no answer within %d s", (int)(timeout_ms / 1000));
		return why_errno(why, -result, "its answer");
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	free(*answer);
	*answer = NULL;
	return why_set(why, EIO, "ended by signal %d", WTERMSIG(status));
}

static int
run_program(FILE *answer, void *data)
{
	static const char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
				   "/bin";
	static const char language[] = "LC_ALL=C";
	/* execve() wants them writable, and does not write. */
	char *environment[] = { (char *)(uintptr_t)path, (char *)(uintptr_t)language, NULL };
	char *const *argv = data;

	(void)answer;
	execve(argv[0], argv, environment);
	return 127;
}

int
host_run(const struct host *host, const char *const argv[], char **answer, struct why *why)
{
	*answer = NULL;
	if (host->root[0])
		return why_set(why, ENOENT, "%s is not run below another root", argv[0]);
	return host_child(run_program, (void *)(uintptr_t)argv, HOST_RUN_MS, answer, why);
}

/* ---------------------------------------------------------------- text */

char *
host_line(char **next)
{
	char *line = *next, *end;

	if (!line || !*line)
		return NULL;
	end = line + strcspn(line, "\n");
	*next = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

char *
host_word(char **next)
{
	char *word = *next, *end;

	if (!word)
		return NULL;
	word += strspn(word, " \t\r");
	if (!*word)
		return NULL;
	end = word + strcspn(word, " \t\r");
	*next = *end ? end + 1 : end;
	*end = '\0';
	return word;
}
