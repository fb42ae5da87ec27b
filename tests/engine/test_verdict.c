/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random policies against random packets: what the kernel does with each packet is what a plain
 * reading of the policy says, in a dozen lines that know nothing of chains. The packets are real
 * ones, from raw sockets whose owner is the fenced uid.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <time.h>

#include "world.h"

#include "random.h"
#include "sketch.h"

#define FENCED   4000
#define OUTSIDER 3999
#define POLICIES 300
#define PACKETS  400
#define LIST_MAX 6
#define SIZE     40 /* of a packet, without the IP header */

static const char *const own_addresses[FAMILIES][4] = {
	{ "10.9.0.1", "127.0.0.1", "127.9.8.7" },
	{ "fd09::1", "::1" },
};

struct packet {
	int16_t protocol;
	uint16_t source, destination; /* ports */
	uint8_t type, code;
	const char *text; /* of the address */
	uint8_t to[16];
	bool own;
};

/* ---------------------------------------------------------------- what a policy says */

static bool
what_says(const struct what *what, const struct packet *packet)
{
	uint32_t i;

	if (what->protocol == WHAT_ANY)
		return true;
	if (what->protocol != packet->protocol)
		return false;
	if (what->icmp_type != WHAT_ANY &&
	    (what->icmp_type != packet->type ||
		(what->icmp_code != WHAT_ANY && what->icmp_code != packet->code)))
		return false;
	for (i = 0; i < what->n_ports; i++) {
		if (packet->destination >= what->ports[i].first &&
		    packet->destination <= what->ports[i].last)
			return true;
	}
	return what->n_ports == 0;
}

static bool
one_says(uint32_t n, const struct what *what, const struct packet *packet)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (what_says(&what[i], packet))
			return true;
	}
	return false;
}

static bool
goes_there(const struct rule *rule, enum family family, const struct packet *packet)
{
	uint32_t i;

	for (i = 0; i < rule->n_to[family]; i++) {
		if (memcmp(packet->to, rule->to[family][i].first, 16) >= 0 &&
		    memcmp(packet->to, rule->to[family][i].last, 16) <= 0)
			return true;
	}
	return false;
}

static enum action
verdict(const struct policy *policy, enum family family, const struct packet *packet)
{
	const struct passage *loopback = &policy->loopback;
	uint32_t i;

	if (packet->own) {
		if (loopback->kind == PASSAGE_ALL)
			return ACTION_ALLOW;
		return one_says(loopback->n_what, loopback->what, packet) ? ACTION_ALLOW
									  : ACTION_REJECT;
	}
	for (i = 0; i < policy->n_egress; i++) {
		if (goes_there(&policy->egress[i], family, packet) &&
		    one_says(policy->egress[i].n_what, policy->egress[i].what, packet))
			return policy->egress[i].action;
	}
	return policy->unmatched;
}

/* ---------------------------------------------------------------- what the kernel does */

static struct packet
random_packet(enum family family)
{
	struct packet packet = { .text = some_address(family) };
	size_t i;

	packet.protocol = some_protocols[roll(sizeof(some_protocols) / sizeof(*some_protocols))];
	/* The other family's ICMP is just a protocol, and rules for it are not for this one. */
	if (packet.protocol == 1 || packet.protocol == 58)
		packet.protocol = family == FAMILY_IPV4 ? 1 : 58;
	packet.source = 999;
	packet.destination = (uint16_t)(some_ports[roll(sizeof(some_ports) / 2)] + roll(2));
	packet.type = some_icmp[roll(sizeof(some_icmp))];
	packet.code = (uint8_t)roll(3);
	sketch_address(packet.text, packet.to);
	for (i = 0; i < 4 && own_addresses[family][i]; i++)
		packet.own = packet.own || strcmp(own_addresses[family][i], packet.text) == 0;
	return packet;
}

static int
raw_socket(enum family family, int protocol, uint32_t owner)
{
	int fd, one = 1, old = setfsuid(owner);

	/* The owner match goes by the fsuid of whoever called socket(). */
	fd = socket(family == FAMILY_IPV4 ? AF_INET : AF_INET6,
	    SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	setfsuid((uid_t)old);
	assert_true(fd >= 0);
	assert_int_equal(family == FAMILY_IPV4
			     ? setsockopt(fd, SOL_IP, IP_RECVERR, &one, sizeof(one))
			     : setsockopt(fd, SOL_IPV6, IPV6_RECVERR, &one, sizeof(one)),
	    0);
	return fd;
}

static uint32_t
sum(const uint8_t *bytes, size_t n, uint32_t so_far)
{
	size_t i;

	for (i = 0; i + 1 < n; i += 2)
		so_far += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return so_far;
}

/* REJECT answers no TCP packet whose checksum is wrong. In IPv4 that is ours to fill in; 127.x is
 * reached from 127.0.0.1, all else from 10.9.0.1. */
static void
fill_tcp_checksum(const struct packet *packet, uint8_t *bytes)
{
	static const uint8_t localhost[] = { 127, 0, 0, 1 }, near[] = { 10, 9, 0, 1 };
	uint32_t total = IPPROTO_TCP + SIZE;

	total = sum(packet->to[0] == 127 ? localhost : near, 4, total);
	total = sum(packet->to, 4, total);
	total = sum(bytes, SIZE, total);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	bytes[16] = (uint8_t)(~total >> 8);
	bytes[17] = (uint8_t)~total;
}

/* Enough of a header for the rules: ports, or type and code; TCP's with its length. */
static void
fill(const struct packet *packet, enum family family, uint8_t *bytes)
{
	memset(bytes, 0, SIZE);
	if (packet->protocol == 1 || packet->protocol == 58) {
		bytes[0] = packet->type;
		bytes[1] = packet->code;
		return;
	}
	bytes[0] = (uint8_t)(packet->source >> 8);
	bytes[1] = (uint8_t)packet->source;
	bytes[2] = (uint8_t)(packet->destination >> 8);
	bytes[3] = (uint8_t)packet->destination;
	if (packet->protocol == IPPROTO_UDP)
		bytes[5] = SIZE;
	if (packet->protocol != IPPROTO_TCP)
		return;
	bytes[12] = 0x50; /* the data's offset */
	bytes[13] = 0x02; /* SYN */
	if (family == FAMILY_IPV4)
		fill_tcp_checksum(packet, bytes);
}

/* In IPv6 the kernel does it. */
static void
ask_for_checksum(int fd, const struct packet *packet)
{
	int offset = packet->protocol == IPPROTO_TCP ? 16 : 6;

	if (packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP)
		assert_int_equal(
		    setsockopt(fd, SOL_IPV6, IPV6_CHECKSUM, &offset, sizeof(offset)), 0);
}

/* Whether an ICMP error for what the socket sent came back. It goes through lo to this host and is
 * most often there before sendto() returns; one that is due is waited for. */
static bool
was_told(int fd, bool due)
{
	struct pollfd wait = { .fd = fd };
	char control[512], data[512];
	struct iovec vector = { data, sizeof(data) };
	struct msghdr message = { .msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };

	if (due && poll(&wait, 1, 5000) != 1)
		return false;
	return recvmsg(fd, &message, MSG_ERRQUEUE) >= 0;
}

static int
send_packet(enum family family, const struct packet *packet, uint32_t owner, bool due, bool *told)
{
	int fd = raw_socket(family, packet->protocol, owner);
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
	uint8_t bytes[SIZE];
	ssize_t sent;
	int error;

	memcpy(&to.sin_addr, packet->to, sizeof(to.sin_addr));
	memcpy(&to6.sin6_addr, packet->to, sizeof(to6.sin6_addr));
	fill(packet, family, bytes);
	if (family == FAMILY_IPV6)
		ask_for_checksum(fd, packet);
	sent = family == FAMILY_IPV4
		   ? sendto(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&to, sizeof(to))
		   : sendto(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&to6, sizeof(to6));
	error = sent < 0 ? errno : 0;
	*told = was_told(fd, due);
	close(fd);
	return error;
}

/* No ICMP error answers one, and REJECT, which checks checksums, takes a protocol that it does not
 * know for one that has TCP's. */
static bool
can_be_told(const struct packet *packet)
{
	return packet->protocol != 1 && packet->protocol != 58 && packet->protocol != 200;
}

static void
check_packet(const struct policy *policy, enum family family)
{
	static const char *const names[] = { "allow", "reject", "drop" };
	struct packet packet = random_packet(family);
	enum action expected = verdict(policy, family, &packet);
	bool told;
	bool due = expected == ACTION_REJECT && can_be_told(&packet);
	int error = send_packet(family, &packet, FENCED, due, &told);

	if (error != (expected == ACTION_ALLOW ? 0 : EPERM) || (expected == ACTION_DROP && told) ||
	    (due && !told)) {
		world_do("iptables-legacy-save >&2; ip6tables-legacy-save >&2");
		fail_msg("%s: protocol %d port %d type %d/%d to %s: %s, %s", names[expected],
		    packet.protocol, packet.destination, packet.type, packet.code, packet.text,
		    error ? strerror(error) : "sent", told ? "told" : "not told");
	}
	if (roll(8) == 0)
		assert_int_equal(send_packet(family, &packet, OUTSIDER, false, &told), 0);
}

/* A veth whose other end, in a namespace that only it keeps, takes whatever comes. */
static void
build_hosts(void)
{
	world_enter();
	world_do("set -e; sysctl -qw net.ipv4.icmp_ratemask=0 net.ipv4.icmp_msgs_per_sec=1000000"
		 " net.ipv4.icmp_msgs_burst=1000000"
		 " net.ipv6.icmp.ratelimit=0 net.ipv6.conf.default.accept_dad=0;"
		 "ip link add near type veth peer name far;"
		 "ip addr add 10.9.0.1/24 dev near; ip addr add fd09::1/64 dev near nodad;"
		 "ip link set far addrgenmode none; ip link set near up; ip link set far up;"
		 "ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev near;"
		 "ip neigh add fd09::2 lladdr 02:00:00:00:00:02 dev near;"
		 "ip route add default via 10.9.0.2; ip -6 route add default via fd09::2");
}

static void
packets_meet_the_verdict(void **state)
{
	struct arena *arena;
	const struct policy *policy;
	struct fence fence = { FENCED, FENCED, 0 };
	struct fence_plan plan = { 1, &policy, 1, &fence };
	int i, j;

	(void)state;
	build_hosts();
	random_begin();
	for (i = 0; i < POLICIES; i++) {
		arena = arena_new();
		policy = random_policy(arena);
		world_apply(FAMILY_IPV4, &plan);
		world_apply(FAMILY_IPV6, &plan);
		for (j = 0; j < PACKETS; j++)
			check_packet(policy, j % 2 ? FAMILY_IPV4 : FAMILY_IPV6);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_meet_the_verdict),
	};

	return cmocka_run_group_tests_name("engine verdicts", tests, NULL, NULL);
}
