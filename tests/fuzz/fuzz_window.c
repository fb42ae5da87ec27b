/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer: any bytes as what a user sends to why.sock, on its way to main, and as what main
 * answers. The first byte says which.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "explain/question.h"
#include "window/window.h"

static void
expect(bool so)
{
	if (!so)
		abort();
}

static void
expect_same(struct wire_out *out, const uint8_t *data, size_t size)
{
	expect(!out->failed && out->used == size && (!size || !memcmp(out->data, data, size)));
	wire_out_free(out);
}

/* The payload, as main reads it. Any byte but 0 is a true: only the second time nothing changes. */
static void
try_payload(const uint8_t *data, size_t size)
{
	struct wire_in in = { .data = data, .left = size };
	struct wire_out once = { 0 }, twice = { 0 };
	struct arena *arena = arena_new();
	struct question question;
	uint32_t i;

	expect(arena != NULL);
	if (question_get(&in, arena, &question)) {
		expect(question.n_packets <= TARGET_PACKETS_MAX);
		for (i = 0; i < question.n_packets; i++)
			expect(question.packets[i].family < FAMILIES);
		question_put(&once, &question);
		in = (struct wire_in){ .data = once.data, .left = once.used };
		expect(question_get(&in, arena, &question));
		question_put(&twice, &question);
		expect_same(&twice, once.data, once.used);
		wire_out_free(&once);
	}
	arena_free(arena);
}

static void
try_question(const uint8_t *data, size_t size)
{
	struct window_question question;
	struct wire_out out = { 0 };

	if (!window_question_get(data, size, &question))
		return;
	expect(question.payload.left <= WINDOW_QUESTION_MAX);
	window_question_put(&out, &question);
	expect_same(&out, data, size);
	try_payload(question.payload.data, question.payload.left);
}

static void
try_answer(const uint8_t *data, size_t size)
{
	struct window_answer answer;
	struct wire_out out = { 0 };

	if (!window_answer_get(data, size, &answer))
		return;
	expect(answer.length <= WINDOW_ANSWER_MAX && answer.range.first <= answer.range.last);
	window_answer_put(&out, &answer);
	expect_same(&out, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const messages[])(
	    const uint8_t *, size_t) = { try_payload, try_question, try_answer };
	const size_t n = sizeof(messages) / sizeof(messages[0]);

	if (size)
		messages[data[0] % n](data + 1, size - 1);
	return 0;
}
