/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "netfence/paths.h"

#define RECORD_MAGIC   UINT64_C(0x32307365636e6566) /* "fences02" */
#define RECORD_MAX     (PROTOCOL_REQUEST_MAX * 4)
#define SESSIONS_MAX   65536
#define RECORD_NAME_OF "%" PRIu32

/* What most records fit into, filled up with zeros: one page of tmpfs. */
#define RECORD_PAGE 4096

static void
put_user(struct wire_out *out, const struct user *user)
{
	const struct session *session;
	uint32_t i;

	wire_put_u64(out, RECORD_MAGIC);
	wire_put_u32(out, user->uid);
	wire_put_u32(out, user->gid);
	wire_put_string(out, user->name);
	wire_put_u64(out, (uint64_t)user->since);
	wire_put_u64(out, (uint64_t)user->begun_ms);
	wire_put_u8(out, user->shut);
	wire_put_u8(out, user->always);
	wire_put_u8(out, user->is_free);
	wire_put_u32(out, user->n_groups);
	for (i = 0; i < user->n_groups; i++)
		wire_put_string(out, user->groups[i]);
	/* The first range is the user's own uid. */
	wire_put_u32(out, user->n_ranges - 1);
	for (i = 1; i < user->n_ranges; i++) {
		wire_put_u32(out, user->ranges[i].first);
		wire_put_u32(out, user->ranges[i].last);
	}
	wire_put_u32(out, user->n_sessions);
	for (session = user->sessions; session; session = session->next) {
		session_name_put(out, &session->name);
		wire_put_u32(out, (uint32_t)session->opener.pid);
		wire_put_u64(out, session->opener.mark);
		wire_put_u64(out, (uint64_t)session->since);
		/* Whose fence is in force by now is told as soon as the module has the answer. */
		wire_put_u8(out, session->told || !user->is_free);
		wire_put_string(out, session->service);
		wire_put_string(out, session->tty);
		wire_put_string(out, session->from);
		wire_put_string(out, session->by);
	}
}

static int
write_all(int fd, const uint8_t *bytes, size_t length)
{
	ssize_t written;

	while (length) {
		written = write(fd, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

/* Over the former record, where that has the same page: tmpfs copies a page whole or, to somebody
 * who is killed, not at all (generic_perform_write() in mm/filemap.c), and needs no more room for
 * it. A third of the time of a new file. False where it is to be done the other way. */
static bool
write_over(int folder, const char *name, const uint8_t *page)
{
	cleanup_fd int fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct rlimit most;
	struct stat found;

	return fd >= 0 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode) &&
	       found.st_size == RECORD_PAGE && getrlimit(RLIMIT_FSIZE, &most) == 0 &&
	       most.rlim_cur >= RECORD_PAGE && pwrite(fd, page, RECORD_PAGE, 0) == RECORD_PAGE;
}

int
record_write(int folder, const struct user *user, struct why *why)
{
	static const uint8_t zeros[RECORD_PAGE];
	char name[32], temporary[40];
	struct wire_out out = { 0 };
	int fd, result;

	snprintf(name, sizeof(name), RECORD_NAME_OF, user->uid);
	snprintf(temporary, sizeof(temporary), ".%s.new", name);
	put_user(&out, user);
	if (out.used < RECORD_PAGE)
		wire_put_bytes(&out, zeros, RECORD_PAGE - out.used);
	if (out.failed) {
		wire_out_free(&out);
		return why_set(why, ENOMEM, "no memory for a session's record");
	}
	if (out.used == RECORD_PAGE && write_over(folder, name, out.data)) {
		wire_out_free(&out);
		return 0;
	}
	fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	result = fd < 0 ? -errno : write_all(fd, out.data, out.used);
	if (fd >= 0 && close(fd) < 0 && result == 0)
		result = -errno;
	if (result == 0 && renameat(folder, temporary, folder, name) < 0)
		result = -errno;
	wire_out_free(&out);
	if (result < 0) {
		if (fd >= 0)
			unlinkat(folder, temporary, 0);
		return why_errno(why, -result, "the session's record cannot be written");
	}
	return 0;
}

void
record_remove(int folder, uint32_t uid)
{
	char name[32];

	snprintf(name, sizeof(name), RECORD_NAME_OF, uid);
	unlinkat(folder, name, 0);
}

/* 0, -ENOMEM, or -EBADMSG; the same of get_user(). */
static int
get_session(struct wire_in *in, struct table *table, struct user *user)
{
	struct open_request request = { 0 };
	struct session *session = NULL;
	struct session_name name;
	pid_t pid;
	uint64_t mark;
	time_t since;
	bool told;

	name.id = wire_get_u64(in);
	name.key = wire_get_u64(in);
	pid = (pid_t)wire_get_u32(in);
	mark = wire_get_u64(in);
	since = (time_t)wire_get_u64(in);
	told = wire_get_u8(in) != 0;
	request.service = wire_get_string(in, PROTOCOL_NAME_MAX);
	request.tty = wire_get_string(in, PROTOCOL_NAME_MAX);
	request.from = wire_get_string(in, PROTOCOL_NAME_MAX);
	request.by = wire_get_string(in, PROTOCOL_NAME_MAX);
	if (!in->failed && table_find_session(table, name.id)) {
		in->failed = true;
	} else if (!in->failed) {
		session = table_add_session(table, user, &name, &request);
		in->no_memory = !session;
	}
	open_request_clear(&request);
	if (!session)
		return in->no_memory ? -ENOMEM : -EBADMSG;
	session->stage = SESSION_OPEN;
	session->opener.pid = pid;
	session->opener.mark = mark;
	session->since = since;
	session->told = told;
	return 0;
}

/* Nothing is left but what fills the page. */
static bool
is_over(struct wire_in *in, size_t size)
{
	for (; size == RECORD_PAGE && in->left && !*in->data; in->data++, in->left--)
		;
	return size >= RECORD_PAGE && wire_in_done(in);
}

static int
get_user(struct wire_in *in, struct table *table, uint32_t uid)
{
	const size_t size = in->left;
	struct open_request request = { 0 };
	struct user *user = NULL;
	uint32_t count, i;
	time_t since;
	int64_t begun_ms;
	bool shut, always, is_free;
	int result;

	if (wire_get_u64(in) != RECORD_MAGIC || wire_get_u32(in) != uid || !uid)
		return -EBADMSG;
	request.uid = uid;
	request.gid = wire_get_u32(in);
	request.user = wire_get_string(in, PROTOCOL_NAME_MAX);
	since = (time_t)wire_get_u64(in);
	begun_ms = (int64_t)wire_get_u64(in);
	shut = wire_get_u8(in) != 0;
	always = wire_get_u8(in) != 0;
	is_free = wire_get_u8(in) != 0;
	count = wire_get_count(in, PROTOCOL_GROUPS_MAX, sizeof(uint32_t));
	request.groups = calloc(count ? count : 1, sizeof(*request.groups));
	for (i = 0; request.groups && i < count && !in->failed; i++) {
		request.groups[i] = wire_get_string(in, PROTOCOL_NAME_MAX);
		request.n_groups = i + 1;
	}
	count = wire_get_count(in, PROTOCOL_RANGES_MAX, sizeof(struct uid_range));
	request.ranges = calloc(count ? count : 1, sizeof(*request.ranges));
	for (i = 0; request.ranges && i < count && !in->failed; i++) {
		request.ranges[i].first = wire_get_u32(in);
		request.ranges[i].last = wire_get_u32(in);
		if (request.ranges[i].first > request.ranges[i].last || !request.ranges[i].first)
			in->failed = true;
		request.n_ranges = i + 1;
	}
	in->no_memory |= !request.groups || !request.ranges;
	if (is_free && table_overlap(table, request.ranges, request.n_ranges, uid))
		request.n_ranges = 0;
	if (!in->failed && !in->no_memory &&
	    !table_overlap(table, request.ranges, request.n_ranges, uid)) {
		table_yield(table, request.ranges, request.n_ranges);
		user = table_add_user(table, &request);
		in->no_memory = !user;
	}
	open_request_clear(&request);
	if (!user)
		return in->no_memory ? -ENOMEM : -EBADMSG;
	user->since = since;
	user->begun_ms = begun_ms;
	user->shut = shut;
	user->always = always;
	user->is_free = is_free;
	count = wire_get_count(in, SESSIONS_MAX, 48);
	result = in->failed ? -EBADMSG : 0;
	for (i = 0; i < count && result == 0; i++)
		result = get_session(in, table, user);
	if (result == 0 && !is_over(in, size))
		result = -EBADMSG;
	if (result < 0)
		table_remove_user(table, user);
	return result;
}

static int
read_one(int folder, const char *name, struct table *table, const char **reason)
{
	cleanup_free uint8_t *bytes = NULL;
	cleanup_fd int fd = -1;
	struct wire_in in = { 0 };
	struct stat found;
	ssize_t got;

	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &found) < 0) {
		*reason = strerrordesc_np(errno);
		return -EBADMSG;
	}
	*reason = "not a record";
	if (!S_ISREG(found.st_mode) || found.st_size > RECORD_MAX)
		return -EBADMSG;
	bytes = malloc((size_t)found.st_size + 1);
	if (!bytes)
		return -ENOMEM;
	while ((got = read(fd, bytes + in.left, (size_t)found.st_size - in.left)) > 0)
		in.left += (size_t)got;
	in.data = bytes;
	*reason = "cut short or damaged";
	return got < 0 ? -EBADMSG : get_user(&in, table, (uint32_t)strtoul(name, NULL, 10));
}

/* As we write them: a copy by another name would be another record of the same user. */
static bool
is_name(const char *name)
{
	char ours[32];

	snprintf(ours, sizeof(ours), RECORD_NAME_OF, (uint32_t)strtoul(name, NULL, 10));
	return strcmp(name, ours) == 0;
}

int
record_read_all(int folder, struct table *table,
    void (*complain)(const char *file, uint32_t uid, const char *reason, void *data), void *data,
    struct why *why)
{
	struct dirent *entry;
	const char *reason;
	DIR *listing;
	int result;
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return why_errno(why, errno, "the folder of records");
	listing = fdopendir(fd);
	if (!listing) {
		close(fd);
		return why_set(why, ENOMEM, "no memory");
	}
	while ((entry = readdir(listing))) {
		if (entry->d_name[0] == '.') {
			/* One that was being written when its writer died was never in force. */
			if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
				unlinkat(folder, entry->d_name, 0);
			continue;
		}
		if (!strcmp(entry->d_name, NETFENCE_DENIALS))
			continue;
		if (!is_name(entry->d_name)) {
			complain(entry->d_name, 0, "not a record's name", data);
			continue;
		}
		result = read_one(folder, entry->d_name, table, &reason);
		if (result == -ENOMEM) {
			closedir(listing);
			return why_set(why, ENOMEM, "no memory");
		}
		if (result < 0)
			complain(entry->d_name, (uint32_t)strtoul(entry->d_name, NULL, 10), reason,
			    data);
	}
	closedir(listing);
	return 0;
}
