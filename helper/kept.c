/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "channel.h"
#include "netfence/paths.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

static const char *const names[KEPTS] = {
	[KEPT_WHO] = NETFENCE_WHO_NAME,
	[KEPT_RULES] = "rules",
	[KEPT_PREVIOUS] = "rules.previous",
	[KEPT_PINNED] = "rules.pinned",
	[KEPT_CONFIRM] = "rules.confirm",
	[KEPT_GROUPS] = "groups",
	[KEPT_GRANTS] = "grants",
	[KEPT_OFF] = "off",
};

int
kept_write(int channel, enum kept which, const void *bytes, size_t length, struct why *why)
{
	cleanup_fd int fd = memfd_create(names[which], MFD_CLOEXEC | MFD_ALLOW_SEALING);
	const char *rest = bytes;
	size_t left = length;
	ssize_t written;
	int result;

	if (fd < 0)
		return why_errno(why, errno, "a memory file for %s", names[which]);
	while (left) {
		written = write(fd, rest, left);
		if (written < 0)
			return why_errno(why, errno, "a memory file for %s", names[which]);
		rest += written;
		left -= (size_t)written;
	}
	if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return why_errno(why, errno, "sealing %s", names[which]);
	result = channel_send(channel, CHANNEL_KEEP, (uint32_t)which, fd);
	return result < 0 ? why_errno(why, -result, "%s cannot be kept", names[which]) : 0;
}

int
kept_remove(int channel, enum kept which, struct why *why)
{
	int result = channel_send(channel, CHANNEL_FORGET, (uint32_t)which, -1);

	return result < 0 ? why_errno(why, -result, "%s cannot be removed", names[which]) : 0;
}

int
kept_read(int state, enum kept which, char **bytes, size_t *length, struct why *why)
{
	cleanup_fd int fd = openat(state, names[which], O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_free char *text = NULL;
	struct stat found;
	size_t used = 0;
	ssize_t got;

	if (fd < 0 || fstat(fd, &found) < 0)
		return why_errno(why, errno, "%s", names[which]);
	if (!S_ISREG(found.st_mode) || found.st_uid != 0 || found.st_size > KEPT_MAX)
		return why_set(why, EBADMSG, "%s is not a file of ours", names[which]);
	text = malloc((size_t)found.st_size + 1);
	if (!text)
		return why_set(why, ENOMEM, "no memory for %s", names[which]);
	while (used < (size_t)found.st_size) {
		got = read(fd, text + used, (size_t)found.st_size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return why_errno(why, got < 0 ? errno : EIO, "%s", names[which]);
		used += (size_t)got;
	}
	text[used] = '\0';
	*bytes = steal_pointer(&text);
	*length = used;
	return 0;
}

static int
copy(int to, int from, off_t length)
{
	off_t offset = 0;
	ssize_t sent;

	while (offset < length) {
		sent = sendfile(to, from, &offset, (size_t)(length - offset));
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		if (sent == 0)
			return -EIO;
	}
	return fsync(to) < 0 ? -errno : 0;
}

int
kept_store(int state, enum kept which, int memory, gid_t group, struct why *why)
{
	char temporary[64];
	cleanup_fd int fd = -1;
	struct stat found;
	int result;

	/* Only a memory file can be sealed: no file of a peculiar file system, which could keep us
	 * waiting, and nothing that changes while it is copied. */
	result = fcntl(memory, F_GET_SEALS);
	if (result < 0 || (result & SEALS) != SEALS || fstat(memory, &found) < 0 ||
	    found.st_size > KEPT_MAX)
		return why_set(
		    why, EFBIG, "what main sent for %s is no file of ours", names[which]);
	snprintf(temporary, sizeof(temporary), ".%s.new", names[which]);
	fd = openat(state, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return why_errno(why, errno, "%s", names[which]);
	result = copy(fd, memory, found.st_size);
	if (result == 0 && which != KEPT_WHO && (fchown(fd, 0, group) < 0 || fchmod(fd, 0640) < 0))
		result = -errno;
	if (result == 0 && renameat(state, temporary, state, names[which]) < 0)
		result = -errno;
	if (result < 0) {
		unlinkat(state, temporary, 0);
		return why_errno(why, -result, "%s", names[which]);
	}
	fsync(state);
	return 0;
}

int
kept_unlink(int state, enum kept which, struct why *why)
{
	if (unlinkat(state, names[which], 0) < 0 && errno != ENOENT)
		return why_errno(why, errno, "%s", names[which]);
	return 0;
}
