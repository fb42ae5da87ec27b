/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "window/window.h"

void
window_question_put(struct wire_out *out, const struct window_question *question)
{
	wire_put_u32(out, question->token);
	wire_put_u32(out, question->uid);
	wire_put_bytes(out, question->payload.data, question->payload.left);
}

bool
window_question_get(const void *bytes, size_t length, struct window_question *question)
{
	struct wire_in in = { .data = bytes, .left = length };

	question->token = wire_get_u32(&in);
	question->uid = wire_get_u32(&in);
	question->payload = in;
	return !in.failed && in.left <= WINDOW_QUESTION_MAX;
}

void
window_answer_put(struct wire_out *out, const struct window_answer *answer)
{
	wire_put_u32(out, answer->token);
	wire_put_u32(out, answer->owner);
	wire_put_u32(out, answer->range.first);
	wire_put_u32(out, answer->range.last);
	wire_put_u16(out, answer->operation);
	wire_put_bytes(out, answer->text, answer->length);
}

bool
window_answer_get(const void *bytes, size_t length, struct window_answer *answer)
{
	struct wire_in in = { .data = bytes, .left = length };

	answer->token = wire_get_u32(&in);
	answer->owner = wire_get_u32(&in);
	answer->range.first = wire_get_u32(&in);
	answer->range.last = wire_get_u32(&in);
	answer->operation = wire_get_u16(&in);
	answer->text = (const char *)in.data;
	answer->length = in.left;
	return !in.failed && in.left <= WINDOW_ANSWER_MAX &&
	       answer->range.first <= answer->range.last;
}
