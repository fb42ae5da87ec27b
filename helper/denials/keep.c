/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "channel.h"
#include "denials/inside.h"
#include "log.h"
#include "wire/client.h"

#define RING      "ring"
#define TEMPORARY ".ring.new"

/* Not more often, milliseconds; the first after a quiet while at once. */
#define KEEP_MS 250

#define FILE_SIZE_MAX (16 * 1024 * 1024)

static int
write_file(int folder, const struct wire_out *out)
{
	const uint8_t *bytes = out->data;
	size_t left = out->used;
	ssize_t written;
	int result = 0;
	int fd =
	    openat(folder, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	while (left && result == 0) {
		written = write(fd, bytes, left);
		if (written < 0 && errno != EINTR)
			result = -errno;
		if (written > 0) {
			bytes += written;
			left -= (size_t)written;
		}
	}
	if (close(fd) < 0 && result == 0)
		result = -errno;
	/* Whoever dies before has changed nothing. */
	if (result == 0 && renameat(folder, TEMPORARY, folder, RING) < 0)
		result = -errno;
	if (result < 0)
		unlinkat(folder, TEMPORARY, 0);
	return result;
}

static void
keep(struct denials *denials)
{
	struct wire_out out = { 0 };
	int result;

	denials->kept_ms = wire_clock_ms();
	denials->dirty = false;
	ring_put(&out, denials->ring);
	result = out.failed ? -ENOMEM : write_file(denials->setup.folder, &out);
	wire_out_free(&out);
	/* Somebody has removed the folder; the supervisor makes it anew. */
	if (result == -ENOENT && !denials->cannot_keep)
		channel_send(denials->setup.channel, CHANNEL_NEED_FOLDER, CHANNEL_DENIALS, -1);
	else if (result < 0 && !denials->cannot_keep)
		log_line(LOG_WARNING, "denials cannot be kept over a restart: %s",
		    strerrordesc_np(-result));
	denials->cannot_keep = result < 0;
}

void
keep_soon(struct denials *denials)
{
	int64_t wait_ms = denials->kept_ms + KEEP_MS - wire_clock_ms();
	const struct timeval delay = { wait_ms / 1000, wait_ms % 1000 * 1000 };

	denials->dirty = true;
	if (wait_ms <= 0)
		keep(denials);
	else if (!evtimer_pending(denials->keep, NULL))
		evtimer_add(denials->keep, &delay);
}

void
keep_on_time(int fd, short what, void *data)
{
	struct denials *denials = data;

	(void)fd;
	(void)what;
	if (denials->dirty)
		keep(denials);
}

void
denials_set_folder(struct denials *denials, int folder)
{
	close(denials->setup.folder);
	denials->setup.folder = folder;
	keep(denials);
}

/* What cannot be read is no reason not to begin: it is history. */
void
keep_read(struct denials *denials)
{
	cleanup_free uint8_t *bytes = NULL;
	cleanup_fd int fd =
	    openat(denials->setup.folder, RING, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct wire_in in = { 0 };
	struct stat found;
	ssize_t got = 0;

	if (fd < 0 && errno == ENOENT)
		return;
	if (fd >= 0 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode) &&
	    found.st_size <= FILE_SIZE_MAX)
		bytes = malloc((size_t)found.st_size + 1);
	if (bytes) {
		while ((got = read(fd, bytes + in.left, (size_t)found.st_size - in.left)) > 0)
			in.left += (size_t)got;
		in.data = bytes;
	}
	if (!bytes || got < 0 || !ring_get(&in, denials->ring))
		log_line(LOG_WARNING,
		    "what was kept of denials is damaged: netfencectl denials begins anew");
}
