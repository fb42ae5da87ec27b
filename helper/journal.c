/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journal.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

#define SOCKET "/run/systemd/journal/socket"

/* Fits what log.c makes of a line twice over; what does not fit is for syslog alone. */
struct entry {
	char bytes[8192];
	size_t used;
	bool full;
};

static void
put_bytes(struct entry *entry, const void *bytes, size_t n)
{
	if (entry->full || n > sizeof(entry->bytes) - entry->used) {
		entry->full = true;
		return;
	}
	memcpy(entry->bytes + entry->used, bytes, n);
	entry->used += n;
}

/* The form with a length, in which a value may hold anything; journald's own words for it are
 * "Native Journal Protocol". */
static void
put(struct entry *entry, const char *key, const char *value)
{
	uint64_t length = strlen(value), little = htole64(length);

	put_bytes(entry, key, strlen(key));
	put_bytes(entry, "\n", 1);
	put_bytes(entry, &little, sizeof(little));
	put_bytes(entry, value, length);
	put_bytes(entry, "\n", 1);
}

static void
put_number(struct entry *entry, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	put(entry, key, text);
}

static void
put_field(struct entry *entry, const struct log_field *field)
{
	char key[64] = "NETFENCE_";
	size_t used = strlen(key), i;

	for (i = 0; field->key[i] && used + 1 < sizeof(key); i++)
		key[used++] = (char)toupper((unsigned char)field->key[i]);
	key[used] = '\0';
	if (!field->text)
		put_number(entry, key, field->number);
	else if (field->text[0])
		put(entry, key, field->text);
}

static bool
send_entry(const struct entry *entry)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET };
	cleanup_fd int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (sock < 0)
		return false;
	return sendto(sock, entry->bytes, entry->used, MSG_NOSIGNAL,
		   (const struct sockaddr *)&address, sizeof(address)) == (ssize_t)entry->used;
}

bool
journal_say(int priority, const char *name, const char *line, const char *event,
    const struct log_field *fields, unsigned int n)
{
	struct entry entry = { .used = 0 };
	unsigned int i;

	if (access(SOCKET, F_OK) < 0)
		return false;
	put(&entry, "MESSAGE", line);
	put_number(&entry, "PRIORITY", (uint64_t)LOG_PRI(priority));
	put_number(&entry, "SYSLOG_FACILITY", LOG_FAC(LOG_AUTHPRIV));
	put(&entry, "SYSLOG_IDENTIFIER", name);
	put_number(&entry, "SYSLOG_PID", (uint64_t)getpid());
	put(&entry, "NETFENCE_EVENT", event);
	for (i = 0; i < n; i++)
		put_field(&entry, &fields[i]);
	return !entry.full && send_entry(&entry);
}
