/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The codec: numbers, strings and lists, as include/netfence/protocol.h says they stand. Errors
 * stick: after the first, putting does nothing and getting gives zeros, so that a caller asks
 * once, at the end.
 */
#ifndef NETFENCE_WIRE_BUFFER_H
#define NETFENCE_WIRE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Being written. Begin with all zero; wire_out_free() lets go of it. */
struct wire_out {
	uint8_t *data;
	size_t used;
	size_t size;
	bool failed; /* no memory, or a string or count over 32 bits */
};

/* Being read; `data` is the caller's and must outlive it. */
struct wire_in {
	const uint8_t *data;
	size_t left;
	bool failed;    /* cut short, or a bound was passed … */
	bool no_memory; /* … or nothing of that: it may be good another time */
};

void wire_put_u8(struct wire_out *out, uint8_t value);
void wire_put_u16(struct wire_out *out, uint16_t value);
void wire_put_u32(struct wire_out *out, uint32_t value);
void wire_put_u64(struct wire_out *out, uint64_t value);
void wire_put_bytes(struct wire_out *out, const void *bytes, size_t length);
void wire_put_string(struct wire_out *out, const char *text); /* NULL is put as "" */
void wire_put_part(struct wire_out *out, const struct wire_out *part);
void wire_out_free(struct wire_out *out);

uint8_t wire_get_u8(struct wire_in *in);
uint16_t wire_get_u16(struct wire_in *in);
uint32_t wire_get_u32(struct wire_in *in);
uint64_t wire_get_u64(struct wire_in *in);
void wire_get_bytes(struct wire_in *in, void *bytes, size_t length); /* zeros on failure */

/* A count of members, each of which takes at least `least` bytes: over `most`, or more than what
 * is left could hold, fails and gives 0, so that a count never allocates more than was sent. */
uint32_t wire_get_count(struct wire_in *in, uint32_t most, size_t least);

/* The bytes of a string, not NUL-terminated, inside the buffer; longer than `most`, or a NUL
 * inside, fails and gives NULL with *length 0. */
const char *wire_get_view(struct wire_in *in, size_t most, size_t *length);

/* A malloc'd copy, the caller's; NULL on failure. */
char *wire_get_string(struct wire_in *in, size_t most);

/* A part that stands as a string does, but may hold anything: *part reads it, inside the buffer. */
void wire_get_part(struct wire_in *in, struct wire_in *part);

/* Read whole and without an error: nothing may be left over. */
bool wire_in_done(const struct wire_in *in);

#endif
