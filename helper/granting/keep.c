/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "granting/inside.h"
#include "grants/store.h"
#include "kept.h"
#include "log.h"
#include "wire/client.h"

void
keep_complain(struct granting *granting, const char *text)
{
	if (!granting->complained)
		log_line(LOG_ERR, "grants: %s", text);
	granting->complained = true;
}

void
keep_ask(struct granting *granting)
{
	struct why why;

	granting->asked_ms = wire_clock_ms();
	if (kept_write(
		granting->setup.channel, KEPT_GRANTS, granting->bytes, granting->length, &why) < 0)
		keep_complain(granting, why.text);
}

/* -ENOMEM where that cannot even be asked for. */
int
keep_list(struct granting *granting)
{
	size_t length = 0;
	uint8_t *bytes = store_bytes(granting->setup.grants, &granting->boot, &length);

	if (!bytes)
		return -ENOMEM;
	free(granting->bytes);
	granting->bytes = bytes;
	granting->length = length;
	keep_ask(granting);
	return 0;
}

/* The supervisor writes, and says nothing: the file does. */
bool
keep_is_done(struct granting *granting)
{
	cleanup_free char *found = NULL;
	size_t length = 0;

	if (!granting->bytes)
		return true;
	if (kept_read(granting->setup.state, KEPT_GRANTS, &found, &length, NULL) < 0 ||
	    length != granting->length || memcmp(found, granting->bytes, length) != 0)
		return false;
	free(granting->bytes);
	granting->bytes = NULL;
	granting->complained = false;
	return true;
}
