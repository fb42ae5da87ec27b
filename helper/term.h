/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Something that ends by itself, at a time of day that people were told, and never later than it
 * was to last: by two clocks, of which whichever says so first is right. A clock that is set back
 * prolongs nothing.
 *
 * The clock that nobody sets counts from a boot of the host. After another boot what was left
 * when it was written down last is the most that there can be.
 */
#ifndef NETFENCE_TERM_H
#define NETFENCE_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/buffer.h"

/* until: seconds since 1970; boot_until_ms: on wire_clock_boot_ms(). */
struct term {
	int64_t until;
	int64_t boot_until_ms;
};

/* Begins now. */
struct term term_of(uint32_t seconds);

/* Milliseconds; 0 where it is over. */
int64_t term_left_ms(const struct term *term);

/* A boot of the host, as the kernel calls it, or "" where it cannot be told. */
#define TERM_BOOT_SIZE 40
struct term_boot {
	char id[TERM_BOOT_SIZE];
};

/* Of now; proc: a /proc. */
struct term_boot term_boot_of(int proc);

/* The same boot, and told. */
bool term_boot_is(const struct term_boot *one, const struct term_boot *other);

/* Written down, and read again. same_boot: since it was written. */
#define TERM_SIZE 24 /* bytes */
void term_put(struct wire_out *out, const struct term *term);
struct term term_get(struct wire_in *in, bool same_boot);

#endif
