/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "nftables/attributes.h"
#include "nftables/label.h"

/* The kernel hands out dumps in pieces of at most 32 KiB. */
#define BUFFER_SIZE 65536

/* A batch's messages have to be sent as one. Whoever may not have as much as it takes is told so by
 * send(), or by the kernel, who wants the same capability for the batch itself. */
static void
make_room(int fd, size_t size)
{
	const int bytes = size < INT_MAX / 4 ? (int)size + 65536 : INT_MAX / 2;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

int
link_open(struct link *link, struct why *why)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const int one = 1;
	uint32_t generation;
	int error;

	link->sequence = 0;
	link->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (link->fd < 0)
		return why_errno(why, errno, "nftables: no socket to the kernel's nf_tables");
	setsockopt(link->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(link->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	if (connect(link->fd, (const struct sockaddr *)&kernel, sizeof(kernel)))
		error = why_errno(why, errno, "nftables: the kernel's nf_tables");
	else
		error = link_generation(link, &generation, why);
	/* What the kernel says where nobody has registered for nf_tables. */
	if (error == -EINVAL || error == -EOPNOTSUPP)
		error = why_set(why, EOPNOTSUPP, "the kernel has no nf_tables; load nf_tables");
	if (error == -EPERM)
		error = why_set(why, EPERM, "nftables need CAP_NET_ADMIN");
	if (error)
		link_close(link);
	return error;
}

void
link_close(struct link *link)
{
	close(link->fd);
	link->fd = -1;
}

/* ---------------------------------------------------------------- questions */

struct answer {
	int (*take)(const struct nlmsghdr *message, void *data);
	void *data;
	bool interrupted;
	bool done;
};

static int
error_in(const struct nlmsghdr *message)
{
	int error = -EBADMSG;

	if (mnl_nlmsg_get_payload_len(message) >= sizeof(error))
		memcpy(&error, mnl_nlmsg_get_payload(message), sizeof(error));
	return error > 0 ? -error : error;
}

static int
take_messages(struct link *link, const void *buffer, size_t size, struct answer *answer)
{
	const struct nlmsghdr *message = buffer;
	int left = (int)size, error = 0;

	for (; !error && !answer->done && mnl_nlmsg_ok(message, left);
	     message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq != link->sequence)
			continue;
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			answer->interrupted = true;
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
			answer->done = true;
			error = error_in(message);
		} else {
			error = answer->take(message, answer->data);
			answer->done = !(message->nlmsg_flags & NLM_F_MULTI);
		}
	}
	return error;
}

/* What is left of an answer that is not heard out has another sequence number than the next one. */
static int
ask(struct link *link, const struct bytes *question, struct answer *answer)
{
	cleanup_free char *buffer = malloc(BUFFER_SIZE);
	ssize_t got;
	int error = 0;

	if (!buffer || question->failed)
		return -ENOMEM;
	if (send(link->fd, question->data, question->n, 0) < 0)
		return -errno;
	while (!error && !answer->done) {
		got = recv(link->fd, buffer, BUFFER_SIZE, MSG_TRUNC);
		if (got < 0)
			error = errno == ENOBUFS ? -EINTR : -errno;
		else if (got > BUFFER_SIZE)
			error = -EMSGSIZE;
		else
			error = take_messages(link, buffer, (size_t)got, answer);
	}
	return error ? error : answer->interrupted ? -EINTR : 0;
}

static int
take_generation(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attribute;
	uint32_t generation;

	attributes_each(attribute, message)
	{
		if (mnl_attr_get_type(attribute) != NFTA_GEN_ID ||
		    mnl_attr_get_payload_len(attribute) != sizeof(generation))
			continue;
		memcpy(&generation, mnl_attr_get_payload(attribute), sizeof(generation));
		*(uint32_t *)data = ntohl(generation);
		return 0;
	}
	return -EBADMSG;
}

int
link_generation(struct link *link, uint32_t *generation, struct why *why)
{
	struct answer answer = { .take = take_generation, .data = generation };
	struct bytes question = { 0 };
	size_t begin = bytes_begin_message(&question, NFT_MSG_GETGEN, 0, ++link->sequence);
	int error;

	bytes_end_message(&question, begin);
	error = ask(link, &question, &answer);
	bytes_free(&question);
	return error ? why_errno(why, -error, "nftables: the tables' generation") : 0;
}

int
link_dump(struct link *link, uint16_t type, const char *set,
    int (*take)(const struct nlmsghdr *message, void *data), void *data, struct why *why)
{
	struct answer answer = { .take = take, .data = data };
	struct bytes question = { 0 };
	size_t begin = bytes_begin_message(&question, type, NLM_F_DUMP, ++link->sequence);
	int error;

	/* The table's name is the first attribute of all of them. */
	bytes_put_text(&question, NFTA_TABLE_NAME, LABEL_TABLE);
	if (set)
		bytes_put_text(&question, NFTA_SET_ELEM_LIST_SET, set);
	bytes_end_message(&question, begin);
	error = ask(link, &question, &answer);
	bytes_free(&question);
	return error ? why_errno(why, -error, "nftables: reading the table inet " LABEL_TABLE) : 0;
}

/* ---------------------------------------------------------------- batches */

void
link_begin(struct link *link, struct bytes *batch, uint32_t generation)
{
	size_t begin = bytes_begin_bracket(batch, NFNL_MSG_BATCH_BEGIN, ++link->sequence);

	bytes_put_u32(batch, NFNL_BATCH_GENID, generation);
	bytes_end_message(batch, begin);
}

/* The batch's message that was refused, or NULL. */
static const struct nlmsghdr *
find_message(const struct bytes *batch, uint32_t sequence)
{
	const struct nlmsghdr *message = (const void *)batch->data;
	int left = (int)batch->n;

	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
		if (message->nlmsg_seq == sequence)
			return message;
	return NULL;
}

/* Names the chain, set or limit that the message is about. */
static int
say(const struct nlmsghdr *message, int error, struct why *why)
{
	const struct nlattr *attribute;
	const unsigned int type = message->nlmsg_type & 0xff;
	const unsigned int named =
	    type == NFT_MSG_NEWCHAIN || type == NFT_MSG_DELCHAIN ? NFTA_CHAIN_NAME : NFTA_SET_NAME;
	const char *name = NULL;

	if (message->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES)
		return why_errno(why, -error, "nftables commit");
	attributes_each(attribute,
	    message) if (mnl_attr_get_type(attribute) == named && type != NFT_MSG_NEWTABLE) name =
	    mnl_attr_get_str(attribute);
	return why_errno(why, -error, "nftables commit: %s", name ? name : "inet " LABEL_TABLE);
}

/* Everything that the kernel has to say of the batch is there when sending returns. */
static int
hear(struct link *link, const struct bytes *batch,
    void (*refused)(const struct nlmsghdr *message, int error, void *data), void *data,
    struct why *why)
{
	cleanup_free char *buffer = malloc(BUFFER_SIZE);
	const struct nlmsghdr *message, *of;
	int left, error, result = 0;
	ssize_t got;

	if (!buffer)
		return why_errno(why, ENOMEM, "nftables commit");
	for (;;) {
		got = recv(link->fd, buffer, BUFFER_SIZE, MSG_DONTWAIT);
		if (got < 0 && errno == ENOBUFS && !result)
			result = why_errno(why, ENOBUFS, "nftables commit");
		if (got < 0 && errno != ENOBUFS)
			break;
		message = (const void *)buffer;
		for (left = (int)got; left > 0 && mnl_nlmsg_ok(message, left);
		     message = mnl_nlmsg_next(message, &left)) {
			error = message->nlmsg_type == NLMSG_ERROR ? error_in(message) : 0;
			of = find_message(batch, message->nlmsg_seq);
			if (!error || !of)
				continue;
			if (!result)
				result = say(of, error, why);
			if (refused)
				refused(of, error, data);
		}
	}
	return result;
}

/* Room is made where it is wanted: it counts against nobody else. */
int
link_commit(struct link *link, struct bytes *batch,
    void (*refused)(const struct nlmsghdr *message, int error, void *data), void *data,
    struct why *why)
{
	size_t begin = bytes_begin_bracket(batch, NFNL_MSG_BATCH_END, ++link->sequence);

	bytes_end_message(batch, begin);
	if (batch->failed)
		return why_errno(why, ENOMEM, "nftables commit");
	make_room(link->fd, batch->n);
	if (send(link->fd, batch->data, batch->n, 0) < 0)
		return why_errno(why, errno, "nftables commit of %zu bytes", batch->n);
	return hear(link, batch, refused, data, why);
}
