/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/buffer.h"

#include <stdlib.h>
#include <string.h>

void
wire_put_bytes(struct wire_out *out, const void *bytes, size_t length)
{
	size_t size;
	uint8_t *grown;

	if (out->failed || !length)
		return;
	if (length > SIZE_MAX / 4 - out->used) {
		out->failed = true;
		return;
	}
	if (out->size - out->used < length) {
		size = out->size ? out->size : 256;
		while (size - out->used < length)
			size *= 2;
		grown = realloc(out->data, size);
		if (!grown) {
			out->failed = true;
			return;
		}
		out->data = grown;
		out->size = size;
	}
	memcpy(out->data + out->used, bytes, length);
	out->used += length;
}

void
wire_put_u8(struct wire_out *out, uint8_t value)
{
	wire_put_bytes(out, &value, sizeof(value));
}

void
wire_put_u16(struct wire_out *out, uint16_t value)
{
	wire_put_bytes(out, &value, sizeof(value));
}

void
wire_put_u32(struct wire_out *out, uint32_t value)
{
	wire_put_bytes(out, &value, sizeof(value));
}

void
wire_put_u64(struct wire_out *out, uint64_t value)
{
	wire_put_bytes(out, &value, sizeof(value));
}

void
wire_put_string(struct wire_out *out, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (length > UINT32_MAX) {
		out->failed = true;
		return;
	}
	wire_put_u32(out, (uint32_t)length);
	wire_put_bytes(out, text, length);
}

void
wire_put_part(struct wire_out *out, const struct wire_out *part)
{
	if (part->failed || part->used > UINT32_MAX) {
		out->failed = true;
		return;
	}
	wire_put_u32(out, (uint32_t)part->used);
	wire_put_bytes(out, part->data, part->used);
}

void
wire_out_free(struct wire_out *out)
{
	free(out->data);
	memset(out, 0, sizeof(*out));
}

void
wire_get_bytes(struct wire_in *in, void *bytes, size_t length)
{
	if (in->failed || in->left < length) {
		in->failed = true;
		memset(bytes, 0, length);
		return;
	}
	if (!length)
		return;
	memcpy(bytes, in->data, length);
	in->data += length;
	in->left -= length;
}

uint8_t
wire_get_u8(struct wire_in *in)
{
	uint8_t value;

	wire_get_bytes(in, &value, sizeof(value));
	return value;
}

uint16_t
wire_get_u16(struct wire_in *in)
{
	uint16_t value;

	wire_get_bytes(in, &value, sizeof(value));
	return value;
}

uint32_t
wire_get_u32(struct wire_in *in)
{
	uint32_t value;

	wire_get_bytes(in, &value, sizeof(value));
	return value;
}

uint64_t
wire_get_u64(struct wire_in *in)
{
	uint64_t value;

	wire_get_bytes(in, &value, sizeof(value));
	return value;
}

uint32_t
wire_get_count(struct wire_in *in, uint32_t most, size_t least)
{
	uint32_t count = wire_get_u32(in);

	if (count > most || (least && count > in->left / least))
		in->failed = true;
	return in->failed ? 0 : count;
}

const char *
wire_get_view(struct wire_in *in, size_t most, size_t *length)
{
	const char *view;
	uint32_t size = wire_get_u32(in);

	*length = 0;
	if (size > most || size > in->left || memchr(in->data, '\0', size))
		in->failed = true;
	if (in->failed)
		return NULL;
	view = (const char *)in->data;
	in->data += size;
	in->left -= size;
	*length = size;
	return view;
}

void
wire_get_part(struct wire_in *in, struct wire_in *part)
{
	uint32_t size = wire_get_u32(in);

	*part = (struct wire_in){ .failed = true };
	if (in->failed || size > in->left) {
		in->failed = true;
		return;
	}
	*part = (struct wire_in){ .data = in->data, .left = size };
	in->data += size;
	in->left -= size;
}

char *
wire_get_string(struct wire_in *in, size_t most)
{
	size_t length;
	const char *view = wire_get_view(in, most, &length);
	char *copy;

	if (!view)
		return NULL;
	copy = malloc(length + 1);
	if (!copy) {
		in->failed = in->no_memory = true;
		return NULL;
	}
	memcpy(copy, view, length);
	copy[length] = '\0';
	return copy;
}

bool
wire_in_done(const struct wire_in *in)
{
	return !in->failed && !in->left;
}
