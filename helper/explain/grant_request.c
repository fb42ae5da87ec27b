/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain/grant_request.h"

void
grant_request_put(struct wire_out *out, const struct grant_request *request)
{
	struct wire_out subject = { 0 };

	question_put(&subject, &request->subject);
	out->failed |= subject.failed;
	wire_put_part(out, &subject);
	wire_out_free(&subject);
	wire_put_string(out, request->what);
	wire_put_string(out, request->where);
	wire_put_u32(out, request->seconds);
	wire_put_string(out, request->reason);
	wire_put_string(out, request->claim);
}

static const char *
get_string(struct wire_in *in, struct arena *arena)
{
	size_t length = 0;
	const char *view = wire_get_view(in, PROTOCOL_REQUEST_MAX, &length);
	const char *copy = view ? arena_string(arena, view, length) : NULL;

	if (!copy)
		in->failed = true;
	return copy;
}

bool
grant_request_get(struct wire_in *in, struct arena *arena, struct grant_request *request)
{
	struct wire_in subject = { 0 };

	wire_get_part(in, &subject);
	request->what = get_string(in, arena);
	request->where = get_string(in, arena);
	request->seconds = wire_get_u32(in);
	request->reason = get_string(in, arena);
	request->claim = get_string(in, arena);
	return wire_in_done(in) && question_get(&subject, arena, &request->subject);
}
