/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "denials/denials.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "denials/inside.h"

void
denials_each(const struct denials *denials, uint32_t uid,
    bool (*visit)(const struct denial *denial, void *data), void *data)
{
	ring_each(denials->ring, uid, visit, data);
}

struct ring_count
denials_count_of(const struct denials *denials, const struct user *user)
{
	struct ring_count count;

	ring_count_of(denials->ring, user->uid, user->since, &count);
	return count;
}

void
denials_by_policy(const struct denials *denials,
    bool (*visit)(const char *policy, const struct ring_count *count, void *data), void *data)
{
	ring_each_policy(denials->ring, visit, data);
}

struct denials_health
denials_health(const struct denials *denials)
{
	return (struct denials_health){ denials->group, denials->away.text, denials->lost };
}

struct denials *
denials_new(const struct denials_setup *setup)
{
	struct denials *denials = calloc(1, sizeof(*denials));

	if (!denials)
		return NULL;
	denials->setup = *setup;
	denials->sock = -1;
	denials->ring = ring_new();
	if (!denials->ring) {
		denials_free(denials);
		return NULL;
	}
	return denials;
}

void
denials_free(struct denials *denials)
{
	if (!denials)
		return;
	if (denials->sock >= 0)
		close(denials->sock);
	ring_free(denials->ring);
	free(denials);
}
