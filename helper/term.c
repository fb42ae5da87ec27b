/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "wire/client.h"

/* More than anything may last; what says so has not been written by us. */
#define MOST_MS (INT64_C(366) * 86400 * 1000)

static int64_t
wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct term
term_of(uint32_t seconds)
{
	const int64_t length_ms = (int64_t)seconds * 1000;

	return (struct term){
		.until = (wall_ms() + length_ms + 999) / 1000,
		.boot_until_ms = wire_clock_boot_ms() + length_ms,
	};
}

int64_t
term_left_ms(const struct term *term)
{
	const int64_t wall = term->until * 1000 - wall_ms();
	const int64_t boot = term->boot_until_ms - wire_clock_boot_ms();
	const int64_t left = wall < boot ? wall : boot;

	return left > 0 ? left : 0;
}

struct term_boot
term_boot_of(int proc)
{
	struct term_boot boot = { "" };
	cleanup_fd int fd = openat(proc, "sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	/* It begins anew with each read, and is read in one go. */
	if (fd < 0)
		return boot;
	got = read(fd, boot.id, sizeof(boot.id) - 1);
	boot.id[got > 0 ? got : 0] = '\0';
	boot.id[strcspn(boot.id, "\n")] = '\0';
	return boot;
}

bool
term_boot_is(const struct term_boot *one, const struct term_boot *other)
{
	return one->id[0] && strcmp(one->id, other->id) == 0;
}

void
term_put(struct wire_out *out, const struct term *term)
{
	wire_put_u64(out, (uint64_t)term->until);
	wire_put_u64(out, (uint64_t)term->boot_until_ms);
	wire_put_u64(out, (uint64_t)term_left_ms(term));
}

struct term
term_get(struct wire_in *in, bool same_boot)
{
	struct term term;
	int64_t left_ms;

	term.until = (int64_t)wire_get_u64(in);
	term.boot_until_ms = (int64_t)wire_get_u64(in);
	left_ms = (int64_t)wire_get_u64(in);
	if (left_ms < 0 || left_ms > MOST_MS || term.until < 0 ||
	    term.until > INT64_MAX / 1000 - MOST_MS ||
	    (same_boot && term.boot_until_ms > wire_clock_boot_ms() + MOST_MS))
		in->failed = true;
	if (!same_boot)
		term.boot_until_ms = wire_clock_boot_ms() + (in->failed ? 0 : left_ms);
	return term;
}
