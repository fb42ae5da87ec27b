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

#include "sketch.h"

#define FENCED   4000
#define OUTSIDER 3999
#define POLICIES 300
#define PACKETS  400
#define LIST_MAX 6
#define SIZE     40 /* of a packet, without the IP header */

/* The source of chance; a failure names the seed to begin with. */
static uint64_t chance;

static uint32_t
roll(uint32_t sides)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (uint32_t)(chance >> 11) % sides;
}

/* Few of each, so that rules and packets meet. */
static const uint16_t some_ports[] = { 1, 2, 3, 4, 5, 7, 9, 10, 11, 53, 80, 162, 443, 8080, 65535 };
static const int16_t some_protocols[] = { 6, 17, 132, 1, 58, 47, 50, 200, 6, 17, 6, 17 };
static const uint8_t some_icmp[] = { 0, 3, 8, 11, 13, 128, 129 };

/* 192.0.2.x and 2001:db8::x leave through the veth; 10.9.0.1, 127.x.x.x, fd09::1 and ::1 are this
 * host's. */
static const char *const some_addresses[FAMILIES][16] = {
	{ "192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.7", "192.0.2.8",
	    "192.0.2.127", "192.0.2.128", "192.0.2.255", "198.51.100.1", "10.9.0.2", "10.9.0.1",
	    "127.0.0.1", "127.9.8.7", "203.0.113.9", "9.9.9.9" },
	{ "2001:db8::", "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::7", "2001:db8::8",
	    "2001:db8::ffff", "2001:db8:0:1::", "2001:db8:8000::", "fd00::1", "fd09::2", "fd09::1",
	    "::1", "2001:db9::1", "2002::1", "3fff::9" },
};
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

static const char *
some_address(enum family family)
{
	return some_addresses[family][roll(16)];
}

/* ---------------------------------------------------------------- random policies */

static int
by_first(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(((struct address_range *)0)->first));
}

static void
random_to(struct arena *arena, struct rule *rule, enum family family)
{
	struct address_range ranges[LIST_MAX], range;
	uint32_t n = roll(4), used = 0, i;
	uint8_t other[16];

	if (roll(4) == 0) {
		ranges[0] = sketch_everywhere(family);
		n = used = 1;
	}
	for (i = used; i < n; i++) {
		memset(&range, 0, sizeof(range));
		sketch_address(some_address(family), range.first);
		memcpy(range.last, range.first, sizeof(range.last));
		memset(other, 0, sizeof(other));
		sketch_address(some_address(family), other);
		if (roll(2) && memcmp(other, range.first, sizeof(other)) > 0)
			memcpy(range.last, other, sizeof(other));
		else if (roll(2))
			range.last[family == FAMILY_IPV4 ? 3 : 15] |= (uint8_t)((1 << roll(9)) - 1);
		ranges[used++] = range;
	}
	/* Sorted and apart, as a policy's ranges are. */
	qsort(ranges, used, sizeof(*ranges), by_first);
	for (i = 0, n = 0; i < used; i++) {
		if (n > 0 && memcmp(ranges[i].first, ranges[n - 1].last, 16) <= 0)
			continue;
		ranges[n++] = ranges[i];
	}
	rule->n_to[family] = n;
	rule->to[family] = arena_new_of(arena, n, struct address_range);
	memcpy(rule->to[family], ranges, n * sizeof(*ranges));
}

static void
random_ports(struct arena *arena, struct what *what)
{
	const uint32_t n = sizeof(some_ports) / sizeof(*some_ports);
	uint32_t i;

	what->ports = arena_new_of(arena, n, struct ports);
	for (i = 0; i < n; i++) {
		if (roll(3) == 0)
			continue;
		what->ports[what->n_ports].first = some_ports[i];
		what->ports[what->n_ports].last = some_ports[i];
		if (i + 1 < n && roll(4) == 0)
			what->ports[what->n_ports].last = some_ports[++i];
		what->n_ports++;
		if (roll(4) == 0)
			break;
	}
}

static void
random_whats(struct arena *arena, uint32_t *n, struct what **whats)
{
	struct what *what;
	uint32_t i;

	*n = 1 + roll(3);
	*whats = arena_new_of(arena, *n, struct what);
	for (i = 0; i < *n; i++) {
		what = &(*whats)[i];
		*what = (struct what){ WHAT_ANY, WHAT_ANY, WHAT_ANY, 0, NULL };
		if (roll(8) == 0)
			continue;
		what->protocol =
		    some_protocols[roll(sizeof(some_protocols) / sizeof(*some_protocols))];
		if ((what->protocol == 1 || what->protocol == 58) && roll(3)) {
			what->icmp_type = some_icmp[roll(sizeof(some_icmp))];
			if (roll(2))
				what->icmp_code = (int16_t)roll(3);
		}
		if ((what->protocol == 6 || what->protocol == 17 || what->protocol == 132) &&
		    roll(5))
			random_ports(arena, what);
	}
}

static struct policy *
random_policy(struct arena *arena)
{
	struct policy *policy = arena_new_of(arena, 1, struct policy);
	uint32_t i;

	*policy = (struct policy){ .name = "random", .file = "random", .line = 1 };
	policy->n_egress = roll(8);
	policy->egress = arena_new_of(arena, policy->n_egress, struct rule);
	for (i = 0; i < policy->n_egress; i++) {
		policy->egress[i].file = "random";
		policy->egress[i].action = (enum action)roll(3);
		random_whats(arena, &policy->egress[i].n_what, &policy->egress[i].what);
		random_to(arena, &policy->egress[i], FAMILY_IPV4);
		random_to(arena, &policy->egress[i], FAMILY_IPV6);
	}
	policy->unmatched = (enum action)roll(3);
	policy->loopback.kind = (enum passage_kind)roll(3);
	if (policy->loopback.kind == PASSAGE_LIST)
		random_whats(arena, &policy->loopback.n_what, &policy->loopback.what);
	return policy;
}

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
	const char *seed = getenv("SEED");
	struct arena *arena;
	const struct policy *policy;
	struct fence fence = { FENCED, FENCED, 0 };
	struct fence_plan plan = { 1, &policy, 1, &fence };
	int i, j;

	(void)state;
	build_hosts();
	chance = seed ? strtoull(seed, NULL, 0) : ((uint64_t)getpid() << 32 | (uint64_t)time(NULL));
	print_message("SEED=%llu\n", (unsigned long long)chance);
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
