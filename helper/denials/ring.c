/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "denials/ring_inside.h"
#include "fence/rate.h"

struct ring *
ring_new(void)
{
	struct ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return NULL;
	ring->denials = calloc(RING_DENIALS_MAX, sizeof(*ring->denials));
	if (!ring->denials) {
		free(ring);
		return NULL;
	}
	return ring;
}

static void
free_strings(const struct denial *denial)
{
	free((char *)(uintptr_t)denial->user);
}

void
ring_empty(struct ring *ring)
{
	uint32_t i;

	for (i = 0; i < ring->n; i++)
		free_strings(&ring->denials[i]);
	for (i = 0; i < ring->n_tallies; i++)
		free(ring->tallies[i].policy);
	free(ring->tallies);
	ring->tallies = NULL;
	ring->n = ring->n_tallies = ring->tallies_room = 0;
	ring->sequence = 0;
}

void
ring_free(struct ring *ring)
{
	if (!ring)
		return;
	ring_empty(ring);
	free(ring->denials);
	free(ring);
}

/* ---------------------------------------------------------------- one packet */

static uint32_t
add_bytes(uint32_t sum, const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;
	size_t i;

	for (i = 0; i < size; i++)
		sum = (sum ^ byte[i]) * 16777619U; /* FNV-1a */
	return sum;
}

uint32_t
ring_hash(const struct denial *denial)
{
	const uint32_t numbers[] = { denial->uid, (uint32_t)denial->verdict,
		(uint32_t)denial->family, denial->protocol, denial->port,
		(uint16_t)denial->icmp_type, (uint16_t)denial->icmp_code, denial->line };
	uint32_t sum = add_bytes(2166136261U, numbers, sizeof(numbers));

	sum = add_bytes(sum, denial->to, sizeof(denial->to));
	return add_bytes(sum, denial->policy, strlen(denial->policy));
}

static bool
same(const struct denial *one, const struct denial *other)
{
	return one->uid == other->uid && one->verdict == other->verdict && one->by == other->by &&
	       one->family == other->family && one->protocol == other->protocol &&
	       one->port == other->port && one->icmp_type == other->icmp_type &&
	       one->icmp_code == other->icmp_code && one->line == other->line &&
	       !memcmp(one->to, other->to, sizeof(one->to)) &&
	       !strcmp(one->policy, other->policy) && !strcmp(one->file, other->file) &&
	       !strcmp(one->user, other->user);
}

uint32_t
ring_of_user(const struct ring *ring, uint32_t uid)
{
	uint32_t i, n = 0;

	for (i = 0; i < ring->n; i++)
		n += ring->denials[i].uid == uid;
	return n;
}

static void
make_room(struct ring *ring, uint32_t uid)
{
	bool own = ring_of_user(ring, uid) >= RING_OF_USER_MAX;
	uint32_t i, oldest = ring->n;

	if (!own && ring->n < RING_DENIALS_MAX)
		return;
	for (i = 0; i < ring->n; i++)
		if ((!own || ring->denials[i].uid == uid) &&
		    (oldest == ring->n ||
			ring->denials[i].sequence < ring->denials[oldest].sequence))
			oldest = i;
	free_strings(&ring->denials[oldest]);
	ring->denials[oldest] = ring->denials[--ring->n];
	ring->hashes[oldest] = ring->hashes[ring->n];
}

struct denial *
ring_put_in(struct ring *ring, const struct denial *seen)
{
	size_t user = strlen(seen->user) + 1, policy = strlen(seen->policy) + 1;
	size_t file = strlen(seen->file) + 1;
	char *strings = malloc(user + policy + file);
	struct denial *denial;

	if (!strings)
		return NULL;
	make_room(ring, seen->uid);
	ring->hashes[ring->n] = seen->hash;
	denial = &ring->denials[ring->n++];
	*denial = *seen;
	denial->user = memcpy(strings, seen->user, user);
	denial->policy = memcpy(strings + user, seen->policy, policy);
	denial->file = memcpy(strings + user + policy, seen->file, file);
	return denial;
}

struct denial *
ring_find(struct ring *ring, const struct denial *seen)
{
	uint32_t i;

	for (i = 0; i < ring->n; i++)
		if (ring->hashes[i] == seen->hash && same(&ring->denials[i], seen))
			return &ring->denials[i];
	return NULL;
}

struct tally *
ring_find_tally(const struct ring *ring, uint32_t uid, const char *policy)
{
	struct tally *tally;
	uint32_t i;

	for (i = 0; i < ring->n_tallies; i++) {
		tally = &ring->tallies[i];
		if (tally->uid == uid && (uid || !strcmp(tally->policy, policy)))
			return tally;
	}
	return NULL;
}

struct tally *
ring_new_tally(struct ring *ring, uint32_t uid, const char *policy)
{
	struct tally *tally, *grown;
	uint32_t i, oldest = 0, room = ring->tallies_room;
	char *copy = strdup(policy);

	if (!copy)
		return NULL;
	if (ring->n_tallies == RING_TALLIES_MAX) {
		for (i = 1; i < ring->n_tallies; i++)
			if (ring->tallies[i].sequence < ring->tallies[oldest].sequence)
				oldest = i;
		free(ring->tallies[oldest].policy);
		tally = &ring->tallies[oldest];
	} else {
		if (ring->n_tallies == room) {
			room = room ? 2 * room : 16;
			grown = reallocarray(ring->tallies, room, sizeof(*grown));
			if (!grown) {
				free(copy);
				return NULL;
			}
			ring->tallies = grown;
			ring->tallies_room = room;
		}
		tally = &ring->tallies[ring->n_tallies++];
	}
	*tally = (struct tally){ .uid = uid, .policy = copy };
	return tally;
}

static struct tally *
tally_of(struct ring *ring, uint32_t uid, const char *policy)
{
	struct tally *tally = ring_find_tally(ring, uid, policy);

	return tally ? tally : ring_new_tally(ring, uid, policy);
}

/* Whether the kernel may be leaving out packets of this policy now. A burst may lie in two of our
 * seconds. */
static bool
is_flood(struct tally *policy, time_t now)
{
	if (!policy)
		return true;
	if (policy->second != now)
		policy->in_second = 0;
	policy->second = now;
	return ++policy->in_second >= RATE_POLICY_BURST / 2;
}

/* Whether it may be leaving out packets to this target: the kernel's bucket as we see it, in whole
 * seconds, so that one packet more or less is in doubt. */
static bool
is_much(struct denial *denial, time_t now)
{
	const time_t passed = now > denial->leaked ? now - denial->leaked : 0;
	uint32_t leak = denial->level;

	if (passed < RATE_TARGET_SECONDS)
		leak = (uint32_t)passed * RATE_TARGET_BURST / RATE_TARGET_SECONDS;
	denial->level -= leak < denial->level ? leak : denial->level;
	denial->leaked = now;
	return ++denial->level >= RATE_TARGET_BURST - 1;
}

static void
count(const struct ring *ring, struct tally *tally, enum mark_verdict verdict, bool at_least)
{
	if (!tally)
		return;
	tally->sequence = ring->sequence;
	tally->count.packets[verdict]++;
	tally->count.at_least |= at_least;
}

static struct denial *
begin(struct ring *ring, struct denial *wanted, time_t now)
{
	wanted->id = ring->sequence;
	wanted->first = wanted->leaked = now;
	wanted->count = 0;
	wanted->at_least = false;
	wanted->said = 0;
	wanted->unsaid = wanted->level = 0;
	return ring_put_in(ring, wanted);
}

struct denial *
ring_add(struct ring *ring, const struct denial *seen, time_t stay, time_t now)
{
	struct denial wanted = *seen, *denial;
	struct tally *user, *policy;
	bool at_least;

	wanted.hash = ring_hash(&wanted);
	ring->sequence++;
	denial = ring_find(ring, &wanted);
	if (!denial)
		denial = begin(ring, &wanted, now);
	policy = tally_of(ring, 0, seen->policy);
	at_least = is_flood(policy, now);
	if (denial) {
		denial->sequence = ring->sequence;
		denial->last = now;
		denial->count++;
		denial->unsaid++;
		denial->at_least |= is_much(denial, now) || at_least;
		at_least = denial->at_least;
	}
	count(ring, policy, seen->verdict, at_least);
	user = tally_of(ring, seen->uid, "");
	if (user && user->stay != stay)
		memset(&user->count, 0, sizeof(user->count));
	if (user)
		user->stay = stay;
	count(ring, user, seen->verdict, at_least);
	return denial;
}

/* ---------------------------------------------------------------- how things are */

static int
by_sequence(const void *a, const void *b, void *data)
{
	const struct denial *denials = data;
	uint64_t left = denials[*(const uint32_t *)a].sequence;
	uint64_t right = denials[*(const uint32_t *)b].sequence;

	return (left > right) - (left < right);
}

void
ring_each(const struct ring *ring, uint32_t uid,
    bool (*visit)(const struct denial *denial, void *data), void *data)
{
	uint32_t order[RING_DENIALS_MAX], i, n = 0;

	for (i = 0; i < ring->n; i++)
		if (!uid || ring->denials[i].uid == uid)
			order[n++] = i;
	qsort_r(order, n, sizeof(*order), by_sequence, ring->denials);
	for (i = 0; i < n; i++)
		if (!visit(&ring->denials[order[i]], data))
			return;
}

void
ring_each_unsaid(struct ring *ring, bool (*visit)(struct denial *denial, void *data), void *data)
{
	uint32_t i;

	for (i = 0; i < ring->n; i++)
		if (ring->denials[i].unsaid && !visit(&ring->denials[i], data))
			return;
}

void
ring_go_on(struct ring *ring, uint64_t sequence)
{
	if (ring->sequence < sequence)
		ring->sequence = sequence;
}

uint64_t
ring_sequence(const struct ring *ring)
{
	return ring->sequence;
}

bool
ring_count_of(const struct ring *ring, uint32_t uid, time_t stay, struct ring_count *into)
{
	const struct tally *tally = uid ? ring_find_tally(ring, uid, "") : NULL;

	memset(into, 0, sizeof(*into));
	if (!tally || tally->stay != stay)
		return false;
	*into = tally->count;
	return true;
}

void
ring_each_policy(const struct ring *ring,
    bool (*visit)(const char *policy, const struct ring_count *count, void *data), void *data)
{
	const struct tally *tally;
	uint32_t i;

	for (i = 0; i < ring->n_tallies; i++) {
		tally = &ring->tallies[i];
		if (!tally->uid && !visit(tally->policy, &tally->count, data))
			return;
	}
}
