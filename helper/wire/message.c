/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/message.h"

#include <stdlib.h>
#include <string.h>

#include "netfence/rule.h"

void
open_request_put(struct wire_out *out, const struct open_request *request)
{
	uint32_t i;

	wire_put_u32(out, request->patience_ms);
	wire_put_u32(out, request->uid);
	wire_put_u32(out, request->gid);
	wire_put_string(out, request->user);
	wire_put_u32(out, request->n_groups);
	for (i = 0; i < request->n_groups; i++)
		wire_put_string(out, request->groups[i]);
	wire_put_u32(out, request->n_ranges);
	for (i = 0; i < request->n_ranges; i++) {
		wire_put_u32(out, request->ranges[i].first);
		wire_put_u32(out, request->ranges[i].last);
	}
	wire_put_u64(out, request->netns.device);
	wire_put_u64(out, request->netns.inode);
	wire_put_string(out, request->service);
	wire_put_string(out, request->tty);
	wire_put_string(out, request->from);
	wire_put_string(out, request->by);
	wire_put_string(out, request->flaw);
}

bool
open_request_get(struct wire_in *in, struct open_request *request)
{
	uint32_t count, i;

	memset(request, 0, sizeof(*request));
	request->patience_ms = wire_get_u32(in);
	request->uid = wire_get_u32(in);
	request->gid = wire_get_u32(in);
	request->user = wire_get_string(in, PROTOCOL_NAME_MAX);

	count = wire_get_count(in, PROTOCOL_GROUPS_MAX, sizeof(uint32_t));
	request->groups = calloc(count ? count : 1, sizeof(*request->groups));
	if (!request->groups)
		in->failed = in->no_memory = true;
	for (i = 0; i < count && !in->failed; i++) {
		request->groups[i] = wire_get_string(in, PROTOCOL_NAME_MAX);
		request->n_groups = i + 1;
	}

	count = wire_get_count(in, PROTOCOL_RANGES_MAX, sizeof(struct uid_range));
	request->ranges = calloc(count ? count : 1, sizeof(*request->ranges));
	if (!request->ranges)
		in->failed = in->no_memory = true;
	for (i = 0; i < count && !in->failed; i++) {
		request->ranges[i].first = wire_get_u32(in);
		request->ranges[i].last = wire_get_u32(in);
		if (request->ranges[i].first > request->ranges[i].last)
			in->failed = true;
		request->n_ranges = i + 1;
	}

	request->netns.device = wire_get_u64(in);
	request->netns.inode = wire_get_u64(in);
	request->service = wire_get_string(in, PROTOCOL_NAME_MAX);
	request->tty = wire_get_string(in, PROTOCOL_NAME_MAX);
	request->from = wire_get_string(in, PROTOCOL_NAME_MAX);
	request->by = wire_get_string(in, PROTOCOL_NAME_MAX);
	request->flaw = wire_get_string(in, OPEN_FLAW_MAX);
	if (wire_in_done(in) && request->user[0])
		return true;
	open_request_clear(request);
	return false;
}

void
open_request_clear(struct open_request *request)
{
	uint32_t i;

	free(request->user);
	for (i = 0; i < request->n_groups; i++)
		free(request->groups[i]);
	free(request->groups);
	free(request->ranges);
	free(request->service);
	free(request->tty);
	free(request->from);
	free(request->by);
	free(request->flaw);
	memset(request, 0, sizeof(*request));
}

void
fenced_answer_put(struct wire_out *out, const struct fenced_answer *answer)
{
	session_name_put(out, &answer->session);
	wire_put_string(out, answer->policy);
	wire_put_string(out, answer->message);
}

bool
fenced_answer_get(struct wire_in *in, struct fenced_answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->session.id = wire_get_u64(in);
	answer->session.key = wire_get_u64(in);
	answer->policy = wire_get_string(in, POLICY_NAME_MAX);
	answer->message = wire_get_string(in, POLICY_MESSAGE_MAX);
	if (wire_in_done(in))
		return true;
	fenced_answer_clear(answer);
	return false;
}

void
fenced_answer_clear(struct fenced_answer *answer)
{
	free(answer->policy);
	free(answer->message);
	memset(answer, 0, sizeof(*answer));
}

void
free_answer_put(struct wire_out *out, const struct free_answer *answer)
{
	session_name_put(out, &answer->session);
	wire_put_string(out, answer->reason);
}

bool
free_answer_get(struct wire_in *in, struct free_answer *answer)
{
	answer->session.id = wire_get_u64(in);
	answer->session.key = wire_get_u64(in);
	answer->reason = wire_get_string(in, PROTOCOL_REASON_MAX);
	if (wire_in_done(in))
		return true;
	free_answer_clear(answer);
	return false;
}

void
free_answer_clear(struct free_answer *answer)
{
	free(answer->reason);
	memset(answer, 0, sizeof(*answer));
}

void
session_name_put(struct wire_out *out, const struct session_name *name)
{
	wire_put_u64(out, name->id);
	wire_put_u64(out, name->key);
}

bool
session_name_get(struct wire_in *in, struct session_name *name)
{
	name->id = wire_get_u64(in);
	name->key = wire_get_u64(in);
	return wire_in_done(in);
}
