/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions opened as the module opens them, over netfenced's socket, without PAM around it.
 */
#ifndef NETFENCE_BENCH_ASK_H
#define NETFENCE_BENCH_ASK_H

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "crowd.h"
#include "netfence/paths.h"
#include "wire/client.h"
#include "wire/message.h"

/* The request of a member of the crowd. Its strings are static but for the group's. */
struct ask {
	struct open_request request;
	struct uid_range range;
	char name[32];
	char group[32];
	char *groups[1];
};

static inline void
ask_member(struct ask *ask, uint32_t number, uint32_t policies)
{
	static char nothing[] = "", service[] = "bench";
	struct stat netns;

	memset(ask, 0, sizeof(*ask));
	snprintf(ask->name, sizeof(ask->name), "c%u", (unsigned int)number);
	snprintf(ask->group, sizeof(ask->group), "g%u", (unsigned int)(number % policies));
	ask->groups[0] = ask->group;
	ask->range =
	    (struct uid_range){ crowd_range(number), crowd_range(number) + CROWD_RANGE - 1 };
	if (stat("/proc/self/ns/net", &netns) < 0)
		memset(&netns, 0, sizeof(netns));
	ask->request = (struct open_request){
		.patience_ms = 60000,
		.uid = crowd_uid(number),
		.gid = crowd_uid(number),
		.user = ask->name,
		.n_groups = 1,
		.groups = ask->groups,
		.n_ranges = crowd_has_range(number),
		.ranges = &ask->range,
		.netns = { netns.st_dev, netns.st_ino },
		.service = service,
		.tty = nothing,
		.from = nothing,
		.by = nothing,
		.flaw = nothing,
	};
}

/* 0 with the session's name; -EACCES: refused; else what went wrong on the way. */
static inline int
ask_open_session(const struct ask *ask, struct session_name *session)
{
	struct protocol_header header;
	struct fenced_answer answer;
	struct wire_out out = { 0 };
	struct wire_in in;
	struct why why = { "" };
	uint8_t *payload = NULL;
	int64_t deadline = wire_clock_ms() + 60000;
	int fd, result = wire_connect(NETFENCE_SOCKET, deadline, &fd, &why);

	if (result < 0)
		return result;
	open_request_put(&out, &ask->request);
	result = wire_send(fd, PROTOCOL_OPEN, &out, deadline, &why);
	wire_out_free(&out);
	if (result == 0)
		result = wire_receive(fd, &header, &payload, deadline, &why);
	if (result == 0) {
		in = (struct wire_in){ .data = payload, .left = header.length };
		if (header.operation != PROTOCOL_FENCED || !fenced_answer_get(&in, &answer)) {
			fprintf(stderr, "%s: %.*s\n", ask->name, (int)header.length,
			    (const char *)payload);
			result = -EACCES;
		} else {
			*session = answer.session;
			fenced_answer_clear(&answer);
			result = wire_send(fd, PROTOCOL_TAKEN, NULL, deadline, &why);
		}
	}
	free(payload);
	close(fd);
	return result;
}

static inline int
ask_close_session(const struct session_name *session)
{
	struct protocol_header header;
	struct wire_out out = { 0 };
	struct why why = { "" };
	uint8_t *payload = NULL;
	int64_t deadline = wire_clock_ms() + 60000;
	int fd, result = wire_connect(NETFENCE_SOCKET, deadline, &fd, &why);

	if (result < 0)
		return result;
	session_name_put(&out, session);
	result = wire_send(fd, PROTOCOL_CLOSE, &out, deadline, &why);
	wire_out_free(&out);
	if (result == 0)
		result = wire_receive(fd, &header, &payload, deadline, &why);
	free(payload);
	close(fd);
	return result;
}

#endif
