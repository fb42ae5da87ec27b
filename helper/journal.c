/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journal.h"

#include <ctype.h>
#include <endian.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void
put_bytes(struct journal_entry *entry, const void *bytes, size_t n)
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
put(struct journal_entry *entry, const char *key, const char *value)
{
	uint64_t length = strlen(value), little = htole64(length);

	put_bytes(entry, key, strlen(key));
	put_bytes(entry, "\n", 1);
	put_bytes(entry, &little, sizeof(little));
	put_bytes(entry, value, length);
	put_bytes(entry, "\n", 1);
}

static void
put_number(struct journal_entry *entry, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	put(entry, key, text);
}

static void
put_field(struct journal_entry *entry, const struct log_field *field)
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

_Static_assert(JOURNAL_MESSAGE_AT == sizeof("MESSAGE\n") - 1 + sizeof(uint64_t), "message");

bool
journal_make(struct journal_entry *entry, const struct journal_origin *origin, int priority,
    const char *line, const char *event, const struct log_field *fields, unsigned int n)
{
	unsigned int i;

	entry->used = 0;
	entry->full = false;
	put(entry, "MESSAGE", line);
	put_number(entry, "PRIORITY", (uint64_t)LOG_PRI(priority));
	put_number(entry, "SYSLOG_FACILITY", LOG_FAC(LOG_AUTHPRIV));
	put(entry, "SYSLOG_IDENTIFIER", origin->name);
	put_number(entry, "SYSLOG_PID", (uint64_t)origin->pid);
	/* The journal's own time is that at which it took the line. */
	put(entry, "SYSLOG_TIMESTAMP", origin->stamp);
	put(entry, "NETFENCE_EVENT", event);
	for (i = 0; i < n; i++)
		put_field(entry, &fields[i]);
	return !entry->full;
}
