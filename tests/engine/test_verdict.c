/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random policies against random packets: what the kernel does with each packet is what
 * explain_packet() and verdict_within() say of it, which is what `explain`, `show` and the tests of
 * a policy go by. The packets are real ones, from raw sockets whose owner is the fenced uid: in
 * both families, to this host and away through two interfaces, in answer to somebody else's, with
 * a routing header, within limits and above; under policies with grants in front as well. And what
 * the kernel logs of each is what the policy wants logged, with the rule that decided.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <time.h>

#include "world.h"

#include "random.h"
#include "sketch.h"

#include "cut/route.h"
#include "denials/nflog.h"
#include "denials/packet.h"
#include "explain/explain.h"
#include "fence/mark.h"
#include "verdict/words.h"

#define FENCED   4000 /* the first of AT_ONCE */
#define OUTSIDER 3999
#define ROUNDS   160
#define AT_ONCE  16 /* policies in one commit: a uid each */
#define PACKETS  50 /* for each of them */
#define SIZE     40 /* of a packet, without the IP header */

static const char *const near_address[FAMILIES] = { "10.9.0.1", "fd09::1" };

/* port: the far end's last one; each is another, so that no flow is met twice. */
struct host {
	struct routes *routes;
	int cable; /* to where the far end sends from */
	uint16_t port;
};

/* What the kernel logged of one packet, and how it went with all of them. */
struct log {
	int sock;
	unsigned int n; /* messages about the last packet */
	uint32_t uid;
	struct mark mark;
	struct packet packet;
	unsigned int wanted;
	unsigned int lists;
	unsigned int missed;
};

static struct log logged;

/* What has been used up of each rule's limit: iptables count each family for itself, nftables both
 * together. */
struct spent {
	uint32_t n[FAMILIES][8];
};

/* How many chains of addresses there were: whole policies' own, and shared ones. */
struct lists_met {
	unsigned int own;
	unsigned int shared;
};

#define LOG_GROUP 5

/* ---------------------------------------------------------------- policies and packets */

/* What random_policy() leaves out. */
static struct policy *
whole_policy(struct arena *arena, unsigned int number, const struct policy *before)
{
	static const char *const interfaces[] = { "near", "side", "lo", "nea", "near0" };
	struct policy *policy = random_policy(arena);
	uint32_t i;

	/* Limits go by their policy's name, and must not be met again. */
	policy->name = arena_printf(arena, "r-%u", number);
	if (before)
		random_share(policy, before);
	for (i = 0; i < policy->n_egress; i++) {
		if (roll(6) == 0)
			policy->egress[i].interface = interfaces[roll(5)];
		if (roll(6) == 0)
			policy->egress[i].limit = (struct limit){ 1 + roll(3), 86400 };
	}
	policy->serve.kind = (enum passage_kind)roll(3);
	if (policy->serve.kind == PASSAGE_LIST)
		random_whats(arena, &policy->serve.n_what, &policy->serve.what);
	if (roll(12) == 0)
		policy->mode = POLICY_OBSERVE;
	policy->log = (enum policy_log)roll(3);
	for (i = 0; i < policy->n_egress; i++)
		policy->egress[i].log = roll(4) == 0;
	policy->mark = number + 1;
	return policy;
}

/* Some of what another policy says, granted in front of this one. */
static const struct policy *
with_grants(struct arena *arena, const struct policy *policy)
{
	const struct policy *other = random_policy(arena);
	struct policy *front = arena_new_of(arena, 1, struct policy);
	uint32_t i;

	*front = *policy;
	front->name = arena_printf(arena, "grants/%s", policy->name);
	front->behind = policy;
	front->granted = other->egress;
	front->n_granted = other->n_egress;
	for (i = 0; i < front->n_granted; i++) {
		front->granted[i].action = ACTION_ALLOW;
		front->granted[i].limit.count = 0;
	}
	return front;
}

static struct packet
random_packet(struct host *host, struct route *route, enum family family)
{
	const char *to = some_address(family);
	struct packet packet = {
		.family = family, .icmp_type = VERDICT_UNKNOWN, .icmp_code = VERDICT_UNKNOWN
	};

	packet.protocol =
	    (uint8_t)some_protocols[roll(sizeof(some_protocols) / sizeof(*some_protocols))];
	/* The other family's ICMP is just a protocol, and rules for it are not for this one. */
	if ((packet.protocol == 1 || packet.protocol == 58) && roll(4))
		packet.protocol = family == FAMILY_IPV4 ? 1 : 58;
	if (packet.protocol == (family == FAMILY_IPV4 ? 1 : 58)) {
		packet.icmp_type = some_icmp[roll(sizeof(some_icmp))];
		packet.icmp_code = (int)roll(3);
	}
	packet.from_port = 999;
	packet.to_port = (uint16_t)(some_ports[roll(sizeof(some_ports) / 2)] + roll(2));
	sketch_address(to, packet.to);
	routes_find(host->routes, family, packet.to, route);
	packet.local = route->local;
	packet.interface = route->interface;
	packet.routing_header = family == FAMILY_IPV6 && !packet.local && roll(10) == 0;
	return packet;
}

/* Where neither addresses nor ports tell the two directions of a flow apart, the second packet of
 * the one is to connection tracking the first of the other: an answer, or not, as it comes. */
static bool
answers_itself(const struct policy *policy, const struct packet *packet)
{
	return packet->local && policy->serve.kind != PASSAGE_NONE &&
	       packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP &&
	       packet->protocol != IPPROTO_SCTP;
}

/* The verdict on a packet that is sent now, and what it uses up. */
static struct verdict
verdict_now(const struct policy *policy, const struct packet *packet, struct spent *spent)
{
	struct verdict verdict = verdict_within(policy, packet);
	uint32_t *used;

	while (verdict.by == VERDICT_BY_RULE && verdict.rule->limit.count) {
		used = &spent->n[world_uses == &iptables_engine ? packet->family : FAMILY_IPV4]
				[verdict.rule - policy->egress];
		if (*used < verdict.rule->limit.count) {
			++*used;
			break;
		}
		verdict = verdict_beyond(policy, packet, verdict.rule);
	}
	return verdict;
}

/* ---------------------------------------------------------------- what the kernel does */

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
	if (packet->icmp_type != VERDICT_UNKNOWN) {
		bytes[0] = (uint8_t)packet->icmp_type;
		bytes[1] = (uint8_t)packet->icmp_code;
		return;
	}
	bytes[0] = (uint8_t)(packet->from_port >> 8);
	bytes[1] = (uint8_t)packet->from_port;
	bytes[2] = (uint8_t)(packet->to_port >> 8);
	bytes[3] = (uint8_t)packet->to_port;
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

/* To where the packet goes anyway, and from there on to another host. */
static void
ask_for_routing_header(int fd, const struct packet *packet)
{
	/* Next header, length in eights, type 4, one segment left, the first of two. */
	uint8_t header[40] = { 0, 4, 4, 1, 1 };

	inet_pton(AF_INET6, "2001:db8::77", header + 8);
	memcpy(header + 24, packet->to, 16);
	assert_int_equal(setsockopt(fd, SOL_IPV6, IPV6_RTHDR, header, sizeof(header)), 0);
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
send_packet(const struct packet *packet, uint32_t owner, bool due, bool *told)
{
	enum family family = packet->family;
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
	if (packet->routing_header)
		ask_for_routing_header(fd, packet);
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
	return packet->protocol != 1 && packet->protocol != 58 && packet->protocol != 200 &&
	       !packet->routing_header;
}

static void
complain(const struct policy *policy, const struct packet *packet, const struct verdict *verdict,
    int error, bool told)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	world_do(world_uses == &iptables_engine
		     ? "iptables-legacy-save >&2; ip6tables-legacy-save >&2"
		     : "nft list ruleset >&2");
	words_packet(stream, packet);
	fprintf(stream, " through %s%s%s is to meet %s", packet->interface,
	    packet->reply ? ", in answer" : "",
	    packet->routing_header ? ", with a routing header" : "", words_action(verdict->action));
	if (verdict->rule) {
		fputs(" by ", stream);
		words_rule(stream, verdict->rule);
	}
	fclose(stream);
	fail_msg("%s: %s: %s, %s", policy->name, text, error ? strerror(error) : "sent",
	    told ? "told" : "not told");
}

/* Of packets that no limit has a part in, explain says the same in its own words. */
static void
check_explanation(
    const struct policy *policy, const struct packet *packet, const struct verdict *verdict)
{
	struct explanation explanation;

	explain_packet(policy, packet, &explanation);
	if (explanation.limited)
		return;
	assert_int_equal(explanation.verdict.by, verdict->by);
	assert_ptr_equal(explanation.verdict.rule, verdict->rule);
	assert_int_equal(
	    explanation.allowed, verdict->action == ACTION_ALLOW || policy->mode == POLICY_OBSERVE);
	if (explanation.allowed)
		assert_null(explanation.sees);
	else if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_SCTP)
		assert_string_equal(explanation.sees, strerror(EPERM));
}

/* ---------------------------------------------------------------- what is logged */

/* Of each packet at once, not of some together. */
static void
open_log(void)
{
	struct {
		struct nlmsghdr head;
		struct nfgenmsg group;
		struct nlattr attribute;
		uint32_t threshold;
	} message = { .head = { .nlmsg_len = sizeof(message),
			  .nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG,
			  .nlmsg_flags = NLM_F_REQUEST },
		.group.res_id = htons(LOG_GROUP),
		.attribute = { sizeof(struct nlattr) + sizeof(uint32_t), NFULA_CFG_QTHRESH },
		.threshold = htonl(1) };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct why why;

	if (nflog_open(LOG_GROUP, &logged.sock, &why))
		fail_msg("%s", why.text);
	assert_int_equal(sendto(logged.sock, &message, sizeof(message), 0,
			     (struct sockaddr *)&kernel, sizeof(kernel)),
	    sizeof(message));
}

static void
take_message(const struct nflog_packet *packet, void *data)
{
	(void)data;
	logged.n++;
	logged.uid = packet->has_uid ? packet->uid : 0;
	assert_true(mark_parse(packet->prefix, packet->prefix_size, &logged.mark));
	assert_true(packet_read(packet->bytes, packet->size, &logged.packet));
}

static bool
is_wanted(const struct policy *policy, const struct verdict *verdict)
{
	bool denied = verdict->action != ACTION_ALLOW;

	switch (verdict->by) {
	case VERDICT_BY_GRANT:
	case VERDICT_BY_SERVE:
		return false;
	case VERDICT_BY_LOOPBACK:
	case VERDICT_BY_ROUTING_HEADER:
		return denied && policy->log != POLICY_LOG_NONE;
	case VERDICT_BY_RULE:
		if (verdict->rule->log)
			return true;
		break;
	case VERDICT_BY_DEFAULT:
		break;
	}
	return policy->log == POLICY_LOG_ALL || (denied && policy->log == POLICY_LOG_DENIED);
}

static void
check_mark(const struct policy *policy, const struct verdict *verdict)
{
	static const enum mark_by by[] = {
		[VERDICT_BY_ROUTING_HEADER] = MARK_BY_ROUTING_HEADER,
		[VERDICT_BY_LOOPBACK] = MARK_BY_LOOPBACK,
		[VERDICT_BY_RULE] = MARK_BY_RULE,
		[VERDICT_BY_DEFAULT] = MARK_BY_DEFAULT,
	};

	assert_int_equal(logged.mark.verdict, verdict->action == ACTION_ALLOW  ? MARK_ALLOWED
					      : policy->mode == POLICY_OBSERVE ? MARK_OBSERVED
									       : MARK_DENIED);
	if (logged.mark.by == MARK_BY_LIST) {
		assert_int_equal(verdict->by, VERDICT_BY_RULE);
		assert_int_not_equal(verdict->action, ACTION_ALLOW);
		assert_true(!verdict->rule->limit.count);
		assert_true(verdict->rule->n_to[logged.packet.family] > 1);
		logged.lists++;
		return;
	}
	assert_int_equal(logged.mark.by, by[verdict->by]);
	if (verdict->by != VERDICT_BY_ROUTING_HEADER)
		assert_true(logged.mark.policy == policy->mark);
	if (verdict->by == VERDICT_BY_RULE)
		assert_int_equal(logged.mark.rule, verdict->rule - policy->egress + 1);
}

/* More of one target than the kernel tells of is rare, but for routing headers, of which all
 * policies' are told together. */
static void
check_log(const struct policy *policy, uint32_t uid, const struct packet *packet,
    const struct verdict *verdict)
{
	static uint8_t buffer[NFLOG_SIZE] __attribute__((aligned(8)));
	bool wanted = is_wanted(policy, verdict);

	logged.n = 0;
	while (nflog_receive(logged.sock, buffer, take_message, NULL) >= 0)
		;
	logged.wanted += wanted;
	logged.missed += wanted && !logged.n && verdict->by != VERDICT_BY_ROUTING_HEADER;
	if (!wanted)
		assert_int_equal(logged.n, 0);
	if (!logged.n)
		return;
	assert_int_equal(logged.n, 1);
	assert_int_equal(logged.uid, uid);
	assert_int_equal(logged.packet.family, packet->family);
	assert_int_equal(logged.packet.protocol, packet->protocol);
	assert_int_equal(logged.packet.routing_header, packet->routing_header);
	if (!packet->routing_header)
		assert_memory_equal(logged.packet.to, packet->to, sizeof(packet->to));
	if (packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP)
		assert_int_equal(logged.packet.to_port, packet->to_port);
	check_mark(policy, verdict);
}

static void
check_packet(
    const struct policy *policy, uint32_t uid, const struct packet *packet, struct spent *spent)
{
	struct verdict verdict = verdict_now(policy, packet, spent);
	bool passes = verdict.action == ACTION_ALLOW || policy->mode == POLICY_OBSERVE;
	bool due = !passes && verdict.action == ACTION_REJECT && can_be_told(packet), told;
	int error = send_packet(packet, uid, due, &told);

	if (error != (passes ? 0 : EPERM) || (!passes && verdict.action == ACTION_DROP && told) ||
	    (due && !told))
		complain(policy, packet, &verdict, error, told);
	check_explanation(policy, packet, &verdict);
	check_log(policy, uid, packet, &verdict);
	if (roll(8) == 0)
		assert_int_equal(send_packet(packet, OUTSIDER, false, &told), 0);
}

/* ---------------------------------------------------------------- what others begin */

static uint16_t
udp_checksum(enum family family, const uint8_t from[16], const uint8_t to[16], const uint8_t *udp,
    size_t length)
{
	size_t size = family == FAMILY_IPV4 ? 4 : 16;
	uint32_t total = sum(from, size, IPPROTO_UDP + (uint32_t)length);

	total = sum(to, size, total);
	total = sum(udp, length, total);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

/* A whole frame, as it would come over the cable, with a datagram in it. Its length. */
static size_t
make_frame(uint8_t *frame, const struct packet *answer)
{
	struct ether_header ether = { .ether_dhost = { 2, 0, 0, 0, 0, 1 },
		.ether_shost = { 2, 0, 0, 0, 0, 2 } };
	struct iphdr ip = { .ihl = 5, .version = 4, .ttl = 9, .protocol = IPPROTO_UDP };
	struct ip6_hdr ip6 = { .ip6_hlim = 9, .ip6_nxt = IPPROTO_UDP };
	struct udphdr udp = { .len = htons(sizeof(udp)) };
	bool ipv4 = answer->family == FAMILY_IPV4;
	size_t head = sizeof(ether) + (ipv4 ? sizeof(ip) : sizeof(ip6));
	uint8_t own[16] = { 0 };
	uint32_t total;

	sketch_address(near_address[answer->family], own);
	ether.ether_type = htons(ipv4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	udp.source = htons(answer->to_port);
	udp.dest = htons(answer->from_port);
	udp.check = htons(
	    udp_checksum(answer->family, answer->to, own, (const uint8_t *)&udp, sizeof(udp)));
	memcpy(&ip.saddr, answer->to, 4);
	memcpy(&ip.daddr, own, 4);
	ip.tot_len = htons(sizeof(ip) + sizeof(udp));
	total = sum((const uint8_t *)&ip, sizeof(ip), 0);
	ip.check = htons((uint16_t) ~((total & 0xffff) + (total >> 16)));
	memcpy(&ip6.ip6_src, answer->to, 16);
	memcpy(&ip6.ip6_dst, own, 16);
	ip6.ip6_plen = htons(sizeof(udp));
	ip6.ip6_vfc = 0x60;
	memcpy(frame, &ether, sizeof(ether));
	if (ipv4)
		memcpy(frame + sizeof(ether), &ip, sizeof(ip));
	else
		memcpy(frame + sizeof(ether), &ip6, sizeof(ip6));
	memcpy(frame + head, &udp, sizeof(udp));
	return head + sizeof(udp);
}

/* Somebody far away begins what the packet is to be the answer to. What arrives at a socket here
 * has been through connection tracking. */
static void
begin_far_away(const struct host *host, const struct packet *answer)
{
	struct sockaddr_ll far = { .sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex("far") };
	struct sockaddr_in6 here = { .sin6_family = AF_INET6,
		.sin6_port = htons(answer->from_port) };
	int ear = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd wait = { .fd = ear, .events = POLLIN };
	uint8_t frame[128];
	size_t length = make_frame(frame, answer);

	assert_true(ear >= 0);
	assert_int_equal(bind(ear, (struct sockaddr *)&here, sizeof(here)), 0);
	assert_int_equal(
	    sendto(host->cable, frame, length, 0, (struct sockaddr *)&far, sizeof(far)), length);
	assert_int_equal(poll(&wait, 1, 5000), 1);
	close(ear);
}

static void
check_answer(struct host *host, const struct policy *policy, uint32_t uid, enum family family,
    struct spent *spent)
{
	struct route route;
	struct packet packet = { .family = family,
		.protocol = IPPROTO_UDP,
		.icmp_type = VERDICT_UNKNOWN,
		.icmp_code = VERDICT_UNKNOWN,
		.reply = true };

	sketch_address(family == FAMILY_IPV4 ? "192.0.2.7" : "2001:db8::7", packet.to);
	routes_find(host->routes, family, packet.to, &route);
	packet.interface = route.interface;
	packet.from_port = some_ports[roll(sizeof(some_ports) / 2)];
	packet.to_port = host->port = (uint16_t)(host->port == 60000 ? 20000 : host->port + 1);
	begin_far_away(host, &packet);
	check_packet(policy, uid, &packet, spent);
}

/* ---------------------------------------------------------------- the world */

/* Two veths whose other ends take whatever comes. */
static void
build_hosts(void)
{
	world_enter();
	world_do("set -e; sysctl -qw net.ipv4.icmp_ratemask=0 net.ipv4.icmp_msgs_per_sec=1000000"
		 " net.ipv4.icmp_msgs_burst=1000000"
		 " net.ipv6.icmp.ratelimit=0 net.ipv6.conf.default.accept_dad=0;"
		 "ip link add near address 02:00:00:00:00:01 type veth peer name far;"
		 "ip link add side type veth peer name end;"
		 "ip addr add 10.9.0.1/24 dev near; ip addr add fd09::1/64 dev near nodad;"
		 "for i in near far side end; do"
		 "  ip link set $i addrgenmode none; ip link set $i up; done;"
		 "ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev near;"
		 "ip neigh add fd09::2 lladdr 02:00:00:00:00:02 dev near;"
		 "ip neigh add 203.0.113.9 lladdr 02:00:00:00:00:04 dev side;"
		 "ip neigh add 2001:db9::1 lladdr 02:00:00:00:00:04 dev side;"
		 "ip route add default via 10.9.0.2; ip -6 route add default via fd09::2;"
		 "ip route add 203.0.113.0/24 dev side src 10.9.0.1;"
		 "ip route add 2001:db9::/32 dev side src fd09::1");
}

/* The lines of the text that announce chains of addresses. */
static void
count_lists(const struct fence_plan *plan, struct lists_met *met)
{
	enum family family;
	const char *line;
	char *text;

	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		text = world_text(plan, family);
		for (line = text; (line = strstr(line, "\n:NETFENCE")); line++) {
			met->own += memchr(line, '/', strcspn(line, " ")) != NULL;
			met->shared += line[strlen("\n:NETFENCE")] == '=';
		}
		free(text);
	}
}

static void
check_round(struct arena *arena, struct host *host, unsigned int round, struct lists_met *met)
{
	const struct policy *policies[2 * AT_ONCE], *policy;
	struct spent spent[AT_ONCE] = { 0 };
	struct fence fences[AT_ONCE];
	struct fence_plan plan = { 2 * AT_ONCE, policies, AT_ONCE, fences, true, LOG_GROUP, 0 };
	unsigned int i, j, fronts = 0;

	for (i = 0; i < AT_ONCE; i++) {
		policies[i] = whole_policy(arena, round * AT_ONCE + i, i ? policies[i - 1] : NULL);
		fences[i] = (struct fence){ FENCED + i, FENCED + i, i };
	}
	for (i = 0; i < AT_ONCE; i++) {
		if (roll(3))
			continue;
		policies[AT_ONCE + fronts] = with_grants(arena, policies[i]);
		if (policies[AT_ONCE + fronts]->n_granted)
			fences[i].policy = AT_ONCE + fronts++;
	}
	plan.n_policies = AT_ONCE + fronts;
	world_apply(FAMILY_IPV4, &plan);
	world_apply(FAMILY_IPV6, &plan);
	if (world_uses == &iptables_engine)
		count_lists(&plan, met);
	for (i = 0; i < AT_ONCE; i++) {
		policy = policies[fences[i].policy];
		for (j = 0; j < PACKETS; j++) {
			enum family family = j % 2 ? FAMILY_IPV4 : FAMILY_IPV6;
			struct route route;
			struct packet packet = random_packet(host, &route, family);

			if (answers_itself(policy, &packet))
				continue;
			check_packet(policy, FENCED + i, &packet, &spent[i]);
			if (roll(10) == 0)
				check_answer(host, policy, FENCED + i, family, &spent[i]);
		}
	}
}

static void
packets_meet_the_verdict(void **state)
{
	struct host host = { .port = 20000 };
	struct lists_met met = { 0 };
	struct arena *arena;
	unsigned int i;

	world_uses = *state;
	memset(&logged, 0, sizeof(logged));
	build_hosts();
	random_begin();
	open_log();
	host.routes = routes_open();
	host.cable = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	assert_non_null(host.routes);
	assert_true(host.cable >= 0);
	for (i = 0; i < ROUNDS; i++) {
		arena = arena_new();
		check_round(arena, &host, i, &met);
		arena_free(arena);
	}
	print_message(
	    "%u chains of one policy's addresses, %u that policies share\n", met.own, met.shared);
	print_message("%u packets to be logged, %u by shared addresses; %u were too many\n",
	    logged.wanted, logged.lists, logged.missed);
	if (world_uses == &iptables_engine) {
		assert_true(met.own > ROUNDS);
		assert_true(met.shared > ROUNDS);
		assert_true(logged.lists > ROUNDS);
	}
	assert_true(logged.missed < logged.wanted / 100);
	close(logged.sock);
	routes_close(host.routes);
	close(host.cable);
}

/* ---------------------------------------------------------------- what programs see */

static int
begin_connect(enum family family, uint32_t owner, const char *address)
{
	int old = setfsuid(owner), one = 1;
	int fd = socket(family == FAMILY_IPV4 ? AF_INET : AF_INET6,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(5) };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons(5) };

	setfsuid((uid_t)old);
	assert_true(fd >= 0);
	inet_pton(AF_INET, address, &to.sin_addr);
	inet_pton(AF_INET6, address, &to6.sin6_addr);
	assert_int_equal(setsockopt(fd, SOL_TCP, TCP_SYNCNT, &one, sizeof(one)), 0);
	assert_int_equal(family == FAMILY_IPV4 ? connect(fd, (struct sockaddr *)&to, sizeof(to))
					       : connect(fd, (struct sockaddr *)&to6, sizeof(to6)),
	    -1);
	assert_int_equal(errno, EINPROGRESS);
	return fd;
}

/* What explain says that TCP sees is what connect() says, word for word. */
static void
connect_says_what_explain_says(void **state)
{
	static const char *const to[FAMILIES] = { "192.0.2.1", "2001:db8::1" };
	struct arena *arena = arena_new();
	const struct policy *policies[] = { sketch(arena, "p", "reject any any"),
		sketch(arena, "q", "drop any any") };
	struct fence fences[] = { { FENCED, FENCED, 0 }, { FENCED + 1, FENCED + 1, 1 } };
	struct fence_plan plan = { 2, policies, 2, fences, false, 0, 0 };
	struct pollfd wait[4];
	unsigned int i;

	world_uses = *state;
	build_hosts();
	world_apply(FAMILY_IPV4, &plan);
	world_apply(FAMILY_IPV6, &plan);
	for (i = 0; i < 4; i++)
		wait[i] = (struct pollfd){
			.fd = begin_connect((enum family)(i % 2), FENCED + i / 2, to[i % 2]),
			.events = POLLOUT,
		};
	for (i = 0; i < 4; i++) {
		struct packet packet = {
			.family = (enum family)(i % 2), .protocol = IPPROTO_TCP, .to_port = 5
		};
		struct explanation explanation;
		int error = 0;
		socklen_t size = sizeof(error);

		sketch_address(to[i % 2], packet.to);
		explain_packet(policies[i / 2], &packet, &explanation);
		assert_int_equal(poll(&wait[i], 1, 20000), 1);
		assert_int_equal(getsockopt(wait[i].fd, SOL_SOCKET, SO_ERROR, &error, &size), 0);
		assert_string_equal(explanation.sees, strerror(error));
		assert_int_equal(explanation.late, i / 2);
		close(wait[i].fd);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test_both(packets_meet_the_verdict),
		world_test_both(connect_says_what_explain_says),
	};

	return cmocka_run_group_tests_name("engine verdicts", tests, NULL, NULL);
}
