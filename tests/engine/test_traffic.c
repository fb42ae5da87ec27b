/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes of fenced and other users that really send, and a host in a second network namespace
 * that says what arrived.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "world.h"

#include "sketch.h"

#define USER     4000 /* fenced */
#define BETWEEN  4500 /* between two fences, so through the gate and out again */
#define OUTSIDER 3999

static const char *const far_name[FAMILIES] = { "10.9.0.2", "fd09::2" };
static const char *const near_name[FAMILIES] = { "10.9.0.1", "fd09::1" };

struct hosts {
	struct arena *arena;
	int near, far; /* network namespaces */
};

static void
enter(int namespace)
{
	assert_int_equal(setns(namespace, CLONE_NEWNET), 0);
}

static int
this_namespace(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* Two hosts and a cable. */
static struct hosts *
build_hosts(void)
{
	struct hosts *hosts = calloc(1, sizeof(*hosts));
	char command[1024];

	/* No address is to wait for others to object to it, and no ICMP error for the one before.
	 */
	static const char still[] = "sysctl -qw net.ipv6.conf.default.accept_dad=0"
				    " net.ipv6.conf.all.accept_dad=0 net.ipv4.icmp_ratemask=0"
				    " net.ipv6.icmp.ratelimit=0";

	world_enter();
	world_do(still);
	hosts->arena = arena_new();
	hosts->far = this_namespace();
	world_enter();
	world_do(still);
	hosts->near = this_namespace();
	snprintf(command, sizeof(command),
	    "set -e; sysctl -qw net.ipv4.ping_group_range='0 100000';"
	    "ip link add near type veth peer name far netns /proc/%d/fd/%d;"
	    "ip addr add 10.9.0.1/24 dev near; ip addr add fd09::1/64 dev near nodad;"
	    "ip link set near up;"
	    "ip route add default via 10.9.0.2; ip -6 route add default via fd09::2",
	    getpid(), hosts->far);
	world_do(command);
	enter(hosts->far);
	world_do("set -e; ip addr add 10.9.0.2/24 dev far; ip addr add fd09::2/64 dev far nodad;"
		 "ip addr add 192.0.2.10/32 dev far; ip addr add 192.0.2.11/32 dev far;"
		 "ip addr add 2001:db8::10/128 dev far nodad;"
		 "ip addr add 2001:db8::11/128 dev far nodad; ip link set far up");
	enter(hosts->near);
	return hosts;
}

static void
tear_down(struct hosts *hosts)
{
	close(hosts->near);
	close(hosts->far);
	arena_free(hosts->arena);
	free(hosts);
}

/* The policy, for USER, for 4600 and for a range of subordinate uids, in both families. */
static void
fence(struct hosts *hosts, const char *text)
{
	const struct policy *policy = sketch(hosts->arena, "vendor", text);
	struct fence fences[] = { { USER, USER, 0 }, { 4600, 4600, 0 }, { 100000, 165535, 0 } };
	struct fence_plan plan = { 1, &policy, 3, fences, false, 0, 0 };

	world_apply(FAMILY_IPV4, &plan);
	world_apply(FAMILY_IPV6, &plan);
}

/* ---------------------------------------------------------------- sockets */

union name {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
name_of(union name *name, enum family family, const char *address, uint16_t port)
{
	memset(name, 0, sizeof(*name));
	if (family == FAMILY_IPV4) {
		name->in.sin_family = AF_INET;
		name->in.sin_port = htons(port);
		inet_pton(AF_INET, address, &name->in.sin_addr);
		return sizeof(name->in);
	}
	name->in6.sin6_family = AF_INET6;
	name->in6.sin6_port = htons(port);
	inet_pton(AF_INET6, address, &name->in6.sin6_addr);
	return sizeof(name->in6);
}

static int
new_socket(enum family family, int type, int protocol)
{
	int fd = socket(family == FAMILY_IPV4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		_exit(errno);
	return fd;
}

/* Bound to a port of every address of this namespace. */
static int
bound(enum family family, int type, uint16_t port)
{
	int fd = new_socket(family, type, 0);
	int one = 1;
	union name name;
	socklen_t size = name_of(&name, family, family == FAMILY_IPV4 ? "0.0.0.0" : "::", port);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &name.any, size) < 0)
		_exit(errno);
	return fd;
}

/* ---------------------------------------------------------------- what a user does */

struct deed {
	enum family family;
	const char *to;
	uint16_t port;
	uint16_t from; /* source port, or 0 */
	char letter;
};

/* Becomes the user and does it; 0 or an errno. */
static int
as(uint32_t uid, int (*act)(const struct deed *), const struct deed *deed)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
			_exit(255);
		_exit(act(deed));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
say_udp(const struct deed *deed)
{
	int fd = deed->from ? bound(deed->family, SOCK_DGRAM, deed->from)
			    : new_socket(deed->family, SOCK_DGRAM, 0);
	union name name;
	socklen_t size = name_of(&name, deed->family, deed->to, deed->port);

	return sendto(fd, &deed->letter, 1, 0, &name.any, size) == 1 ? 0 : errno;
}

static int
connect_tcp(const struct deed *deed)
{
	int fd = new_socket(deed->family, SOCK_STREAM, 0);
	union name name;
	socklen_t size = name_of(&name, deed->family, deed->to, deed->port);

	return connect(fd, &name.any, size) == 0 ? 0 : errno;
}

static int
ping(const struct deed *deed)
{
	bool ipv4 = deed->family == FAMILY_IPV4;
	int fd = new_socket(deed->family, SOCK_DGRAM, ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	uint8_t bytes[8] = { ipv4 ? 8 : 128 };
	union name name;
	socklen_t size = name_of(&name, deed->family, deed->to, 0);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int one = 1;

	/* In IPv6 sendto() says that all is well, and only the ICMP error that it is not. */
	setsockopt(
	    fd, ipv4 ? SOL_IP : SOL_IPV6, ipv4 ? IP_RECVERR : IPV6_RECVERR, &one, sizeof(one));
	if (sendto(fd, bytes, sizeof(bytes), 0, &name.any, size) < 0)
		return errno;
	if (poll(&wait, 1, 5000) != 1)
		return ETIMEDOUT;
	return wait.revents & POLLERR ? EPERM : 0;
}

/* To `to`, by way of an address where it is the other's turn to look. */
static int
say_by_routing_header(const struct deed *deed)
{
	/* Next header, length in eights, type 4, one segment left, the first of two. */
	uint8_t header[40] = { 0, 4, 4, 1, 1 };
	int fd = new_socket(FAMILY_IPV6, SOCK_DGRAM, 0);
	union name name;
	socklen_t size = name_of(&name, FAMILY_IPV6, deed->to, deed->port);

	inet_pton(AF_INET6, deed->to, header + 8);
	inet_pton(AF_INET6, far_name[FAMILY_IPV6], header + 24);
	if (setsockopt(fd, SOL_IPV6, IPV6_RTHDR, header, sizeof(header)) < 0)
		return errno + 100;
	return sendto(fd, &deed->letter, 1, 0, &name.any, size) == 1 ? 0 : errno;
}

/* ---------------------------------------------------------------- the other side */

/* The letters that arrived at a socket of the far host, up to the '.' that this process, which no
 * fence is for, sends last over the same cable. */
static void
assert_arrived(int ear, enum family family, uint16_t port, const char *expected)
{
	struct deed last = { family, far_name[family], port, 0, '.' };
	char letters[64] = "";
	size_t n = 0;
	struct pollfd wait = { .fd = ear, .events = POLLIN };

	assert_int_equal(as(0, say_udp, &last), 0);
	do {
		if (poll(&wait, 1, 5000) != 1)
			fail_msg("nothing arrives any more, not even from root: %s", letters);
		assert_int_equal(recv(ear, letters + n, 1, 0), 1);
	} while (letters[n] != '.' && ++n < sizeof(letters) - 1);
	letters[n] = '\0';
	assert_string_equal(letters, expected);
}

static int
far_socket(struct hosts *hosts, enum family family, int type, uint16_t port)
{
	int fd;

	enter(hosts->far);
	fd = bound(family, type, port);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 10), 0);
	enter(hosts->near);
	return fd;
}

/* How many packets the fences have rejected; with nftables, in both families. */
static unsigned int
rejected(enum family family)
{
	const bool iptables = world_uses == &iptables_engine;
	char *save = iptables ? world_save(family, true) : world_run("nft list ruleset");
	char *line, *counter;
	unsigned int packets, total = 0;

	for (line = strtok(save, "\n"); line; line = strtok(NULL, "\n")) {
		counter = strstr(line, "counter packets");
		if (iptables ? strstr(line, "-j REJECT") && sscanf(line, "[%u:", &packets) == 1
			     : strstr(line, " reject ") && counter &&
				   sscanf(counter, "counter packets %u", &packets) == 1)
			total += packets;
	}
	free(save);
	return total;
}

/* ---------------------------------------------------------------- tests */

static void
datagrams(void **state)
{
	struct hosts *hosts = build_hosts();
	enum family family;
	int ear;

	world_uses = *state;
	fence(hosts, "allow udp/162 192.0.2.10 2001:db8::10; drop udp/200-300 any;"
		     "allow udp/500,502-503 10.9.0.2-10.9.0.4 fd09::2-fd09::4;"
		     "allow udp/600 192.0.2.8/30 2001:db8::/64; reject udp any");
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		bool ipv4 = family == FAMILY_IPV4;
		const char *ten = ipv4 ? "192.0.2.10" : "2001:db8::10";
		const char *eleven = ipv4 ? "192.0.2.11" : "2001:db8::11";
		const char *there = far_name[family];
		struct {
			uint32_t uid;
			struct deed deed;
			int error;
		} cases[] = {
			{ USER, { family, ten, 162, 0, 'a' }, 0 },
			{ USER, { family, eleven, 162, 0, 'b' }, EPERM },
			{ USER, { family, there, 162, 0, 'c' }, EPERM },
			{ USER, { family, ten, 163, 0, 'd' }, EPERM },
			{ USER, { family, ten, 250, 0, 'e' }, EPERM },
			{ USER, { family, there, 500, 0, 'f' }, 0 },
			{ USER, { family, there, 501, 0, 'g' }, EPERM },
			{ USER, { family, there, 502, 0, 'h' }, 0 },
			{ USER, { family, there, 503, 0, 'i' }, 0 },
			{ USER, { family, there, 504, 0, 'j' }, EPERM },
			{ USER, { family, ten, 500, 0, 'k' }, EPERM },
			{ USER, { family, ten, 600, 0, 'l' }, 0 },
			{ USER, { family, eleven, 600, 0, 'm' }, 0 },
			{ USER, { family, there, 600, 0, 'n' }, EPERM },
			{ OUTSIDER, { family, eleven, 162, 0, 'o' }, 0 },
			{ BETWEEN, { family, eleven, 162, 0, 'p' }, 0 },
			{ 0, { family, eleven, 162, 0, 'q' }, 0 },
			{ 4600, { family, eleven, 162, 0, 'r' }, EPERM },
			{ 4601, { family, eleven, 162, 0, 's' }, 0 },
			{ 99999, { family, eleven, 162, 0, 't' }, 0 },
			{ 100000, { family, eleven, 162, 0, 'u' }, EPERM },
			{ 131072, { family, eleven, 162, 0, 'v' }, EPERM },
			{ 131072, { family, ten, 162, 0, 'w' }, 0 },
			{ 165535, { family, eleven, 162, 0, 'x' }, EPERM },
			{ 165536, { family, eleven, 162, 0, 'y' }, 0 },
		};
		static const struct {
			uint16_t port;
			const char *letters;
		} arrivals[] = { { 162, "aopqstwy" }, { 163, "" }, { 250, "" }, { 500, "f" },
			{ 501, "" }, { 502, "h" }, { 503, "i" }, { 504, "" }, { 600, "lm" } };
		int ears[9];
		size_t i;

		for (i = 0; i < 9; i++)
			ears[i] = far_socket(hosts, family, SOCK_DGRAM, arrivals[i].port);
		for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			if (as(cases[i].uid, say_udp, &cases[i].deed) != cases[i].error)
				fail_msg("IPv%d, %c", ipv4 ? 4 : 6, cases[i].deed.letter);
		}
		for (i = 0; i < 9; i++) {
			ear = ears[i];
			assert_arrived(ear, family, arrivals[i].port, arrivals[i].letters);
			close(ear);
		}
	}
	tear_down(hosts);
}

/* Programs fail soon, and with what the families call it. */
static void
connections(void **state)
{
	struct hosts *hosts = build_hosts();
	enum family family;

	world_uses = *state;
	fence(hosts, "allow tcp/80,8000-8080 any; allow tcp/443 192.0.2.10 2001:db8::10");
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		bool ipv4 = family == FAMILY_IPV4;
		int fds[] = { far_socket(hosts, family, SOCK_STREAM, 80),
			far_socket(hosts, family, SOCK_STREAM, 8080),
			far_socket(hosts, family, SOCK_STREAM, 443),
			far_socket(hosts, family, SOCK_STREAM, 22) };
		struct deed web = { family, far_name[family], 80, 0, 0 };
		struct deed alternative = { family, far_name[family], 8080, 0, 0 };
		struct deed patches = { family, ipv4 ? "192.0.2.10" : "2001:db8::10", 443, 0, 0 };
		struct deed ssh = { family, far_name[family], 22, 0, 0 };
		size_t i;

		assert_int_equal(as(USER, connect_tcp, &web), 0);
		assert_int_equal(as(USER, connect_tcp, &alternative), 0);
		assert_int_equal(as(USER, connect_tcp, &patches), 0);
		assert_int_equal(as(OUTSIDER, connect_tcp, &ssh), 0);
		assert_int_equal(as(USER, connect_tcp, &ssh), ipv4 ? EHOSTUNREACH : EACCES);
		for (i = 0; i < sizeof(fds) / sizeof(*fds); i++)
			close(fds[i]);
	}
	tear_down(hosts);
}

static void
pings(void **state)
{
	struct hosts *hosts = build_hosts();
	enum family family;

	world_uses = *state;
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		struct deed there = { family, far_name[family], 0, 0, 0 };

		fence(hosts, "allow icmp/8+icmpv6/128 any");
		assert_int_equal(as(USER, ping, &there), 0);
		fence(hosts, "allow icmp/0+icmpv6/129 any");
		assert_int_equal(as(USER, ping, &there), EPERM);
		assert_int_equal(as(OUTSIDER, ping, &there), 0);
		fence(hosts, "allow icmp/8/0+icmpv6/128/0 any");
		assert_int_equal(as(USER, ping, &there), 0);
		fence(hosts, "allow icmp/8/1+icmpv6/128/1 any");
		assert_int_equal(as(USER, ping, &there), EPERM);
		fence(hosts, family == FAMILY_IPV4 ? "allow icmpv6 any" : "allow icmp any");
		assert_int_equal(as(USER, ping, &there), EPERM);
		fence(hosts, "reject icmp/8+icmpv6/128 any; default allow");
		assert_int_equal(as(USER, ping, &there), EPERM);
	}
	tear_down(hosts);
}

/* This host's addresses are loopback's business and not egress's; those that are not this host's
 * are egress's, even where a NAT rule makes them look as if they went through lo. */
static void
loopback(void **state)
{
	static const char *const localhost[FAMILIES] = { "127.0.0.1", "::1" };
	struct hosts *hosts = build_hosts();
	enum family family;

	world_uses = *state;
	world_do("set -e; iptables-legacy -t nat -A OUTPUT -d 10.9.0.1 -p udp --dport 5555"
		 " -j DNAT --to-destination 10.9.0.2;"
		 "ip6tables-legacy -t nat -A OUTPUT -d fd09::1 -p udp --dport 5555"
		 " -j DNAT --to-destination fd09::2");
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		struct deed local = { family, localhost[family], 53, 0, 'a' };
		struct deed own = { family, near_name[family], 53, 0, 'b' };
		struct deed other = { family, localhost[family], 54, 0, 'c' };
		struct deed bent = { family, near_name[family], 5555, 0, 'd' };
		struct deed away = { family, far_name[family], 53, 0, 'e' };

		fence(hosts, "loopback all; default reject");
		assert_int_equal(as(USER, say_udp, &local), 0);
		assert_int_equal(as(USER, say_udp, &own), 0);
		assert_int_equal(as(USER, say_udp, &away), EPERM);
		assert_int_equal(as(USER, say_udp, &bent), EPERM);
		assert_int_equal(as(OUTSIDER, say_udp, &bent), 0);

		fence(hosts, "loopback none; default allow");
		assert_int_equal(as(USER, say_udp, &bent), 0);
		assert_int_equal(as(USER, say_udp, &local), EPERM);
		assert_int_equal(as(USER, say_udp, &own), EPERM);
		assert_int_equal(as(USER, say_udp, &away), 0);
		assert_int_equal(as(OUTSIDER, say_udp, &local), 0);

		fence(hosts, "loopback udp/53; allow udp/54 any");
		assert_int_equal(as(USER, say_udp, &local), 0);
		assert_int_equal(as(USER, say_udp, &own), 0);
		assert_int_equal(as(USER, say_udp, &other), EPERM);
		assert_int_equal(as(USER, say_udp, &away), EPERM);
	}
	tear_down(hosts);
}

/* A socket of the user's on `port`, to which the far host has spoken first. Sends the answer: 0 or
 * an errno. */
static int
answer(struct hosts *hosts, enum family family, uint16_t port)
{
	union name name, peer;
	socklen_t size = name_of(&name, family, near_name[family], port);
	socklen_t peer_size = sizeof(peer);
	int ends[2], there, status;
	char letter;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		if (setresgid(USER, USER, USER) < 0 || setresuid(USER, USER, USER) < 0)
			_exit(255);
		there = bound(family, SOCK_DGRAM, port);
		if (write(ends[1], "", 1) != 1 ||
		    recvfrom(there, &letter, 1, 0, &peer.any, &peer_size) != 1)
			_exit(254);
		_exit(sendto(there, &letter, 1, 0, &peer.any, peer_size) == 1 ? 0 : errno);
	}
	assert_int_equal(read(ends[0], &letter, 1), 1);
	there = far_socket(hosts, family, SOCK_DGRAM, 7777);
	assert_int_equal(sendto(there, "?", 1, 0, &name.any, size), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 0) {
		assert_int_equal(recv(there, &letter, 1, 0), 1);
		assert_int_equal(letter, '?');
	}
	close(there);
	close(ends[0]);
	close(ends[1]);
	return WEXITSTATUS(status);
}

/* Whether somebody far away gets through to a TCP socket that the user listens on. */
static bool
reached(struct hosts *hosts, enum family family, uint16_t port)
{
	union name name;
	socklen_t size = name_of(&name, family, near_name[family], port);
	int ends[2], there, i, status;
	unsigned int before = rejected(family);
	struct pollfd wait = { .events = POLLOUT };
	bool through = false;
	pid_t child;
	char byte;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		if (setresgid(USER, USER, USER) < 0 || setresuid(USER, USER, USER) < 0)
			_exit(255);
		there = bound(family, SOCK_STREAM, port);
		_exit(listen(there, 1) < 0 || write(ends[1], "", 1) != 1 || pause());
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	enter(hosts->far);
	there = new_socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(there, &name.any, size);
	enter(hosts->near);
	wait.fd = there;
	for (i = 0; i < 1000 && !through && rejected(family) == before; i++)
		through = poll(&wait, 1, 5) == 1;
	assert_true(i < 1000);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(there);
	close(ends[0]);
	close(ends[1]);
	return through;
}

static void
serving(void **state)
{
	struct hosts *hosts = build_hosts();
	enum family family;

	world_uses = *state;
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		struct deed begin = { family, far_name[family], 9999, 8080, 'x' };

		fence(hosts, "serve none");
		assert_int_equal(answer(hosts, family, 8080), EPERM);
		assert_false(reached(hosts, family, 8080));

		fence(hosts, "serve all");
		assert_int_equal(answer(hosts, family, 8080), 0);
		assert_int_equal(answer(hosts, family, 8081), 0);
		assert_true(reached(hosts, family, 8080));
		/* What the user begins is no answer, whatever port it comes from. */
		assert_int_equal(as(USER, say_udp, &begin), EPERM);

		fence(hosts, "serve udp/8080,8082+tcp/8090");
		assert_int_equal(answer(hosts, family, 8080), 0);
		assert_int_equal(answer(hosts, family, 8082), 0);
		assert_int_equal(answer(hosts, family, 8081), EPERM);
		assert_int_equal(answer(hosts, family, 8090), EPERM);
		assert_true(reached(hosts, family, 8090));
		assert_false(reached(hosts, family, 8080));
		assert_int_equal(as(USER, say_udp, &begin), EPERM);
	}
	tear_down(hosts);
}

/* An interface is part of what a rule matches. */
static void
interfaces(void **state)
{
	struct hosts *hosts = build_hosts();
	struct policy *policy = sketch(hosts->arena, "vendor", "allow udp any");
	const struct policy *policies[] = { policy };
	struct fence fences[] = { { USER, USER, 0 } };
	struct fence_plan plan = { 1, policies, 1, fences, false, 0, 0 };
	enum family family;

	world_uses = *state;
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		struct deed there = { family, far_name[family], 53, 0, 'a' };

		policy->egress[0].interface = "near";
		world_apply(family, &plan);
		assert_int_equal(as(USER, say_udp, &there), 0);
		policy->egress[0].interface = "nea";
		world_apply(family, &plan);
		assert_int_equal(as(USER, say_udp, &there), EPERM);
		policy->egress[0].interface = "near0";
		world_apply(family, &plan);
		assert_int_equal(as(USER, say_udp, &there), EPERM);
		policy->mode = POLICY_OBSERVE;
		world_apply(family, &plan);
		assert_int_equal(as(USER, say_udp, &there), 0);
		policy->mode = POLICY_ENFORCE;
	}
	tear_down(hosts);
}

/* As many as the limit says, from whomever, and then no more; the count outlives commits that
 * leave its rule alone. A day's limit, so that nothing comes back while the test runs. */
static void
limits(void **state)
{
	struct hosts *hosts = build_hosts();
	struct policy *policy =
	    sketch(hosts->arena, "vendor", "allow udp/53,100 any; allow udp/54 any");
	const struct policy *policies[] = { policy };
	struct fence fences[] = { { USER, USER, 0 }, { 4600, 4601, 0 } };
	struct fence_plan plan = { 1, policies, 1, fences, false, 0, 0 };
	enum family family;
	int i;

	world_uses = *state;
	policy->egress[0].limit = (struct limit){ 4, 86400 };
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		struct deed there = { family, far_name[family], 53, 0, 'a' };
		struct deed too = { family, far_name[family], 100, 0, 'b' };
		struct deed other = { family, far_name[family], 54, 0, 'c' };

		plan.n_fences = 1;
		world_apply(family, &plan);
		assert_int_equal(as(USER, say_udp, &there), 0);
		assert_int_equal(as(USER, say_udp, &too), 0);
		plan.n_fences = 2;
		assert_int_equal(world_apply(family, &plan), 1);
		assert_int_equal(as(4600, say_udp, &there), 0);
		for (i = 0; i < 3; i++)
			assert_int_equal(as(USER, say_udp, &other), 0);
		assert_int_equal(as(4601, say_udp, &too), 0);
		assert_int_equal(as(4601, say_udp, &too), EPERM);
		assert_int_equal(as(USER, say_udp, &there), EPERM);
		plan.n_fences = 1;
		assert_int_equal(world_apply(family, &plan), 1);
		assert_int_equal(as(USER, say_udp, &there), EPERM);
		assert_int_equal(as(4600, say_udp, &there), 0);
		/* Another limit is another count. */
		policy->egress[0].limit.count = 3;
		assert_int_equal(world_apply(family, &plan), 1);
		for (i = 0; i < 3; i++)
			assert_int_equal(as(USER, say_udp, &there), 0);
		assert_int_equal(as(USER, say_udp, &there), EPERM);
		policy->egress[0].limit.count = 4;
	}
	tear_down(hosts);
}

/* What was used comes back at the limit's pace. */
static void
a_limit_fills_up_again(void **state)
{
	struct hosts *hosts = build_hosts();
	struct policy *policy = sketch(hosts->arena, "vendor", "allow udp/53 any");
	const struct policy *policies[] = { policy };
	struct fence fences[] = { { USER, USER, 0 } };
	struct fence_plan plan = { 1, policies, 1, fences, false, 0, 0 };
	struct deed there = { FAMILY_IPV4, far_name[FAMILY_IPV4], 53, 0, 'a' };
	struct timespec began, now;
	int sent = 0, most, tries = 0;
	double seconds;

	world_uses = *state;
	policy->egress[0].limit = (struct limit){ 20, 1 };
	world_apply(FAMILY_IPV4, &plan);
	clock_gettime(CLOCK_MONOTONIC, &began);
	do {
		sent += as(USER, say_udp, &there) == 0;
		tries++;
		clock_gettime(CLOCK_MONOTONIC, &now);
		seconds = (double)(now.tv_sec - began.tv_sec) +
			  (double)(now.tv_nsec - began.tv_nsec) / 1e9;
	} while (seconds < 20 && (sent < 25 || tries == sent));
	most = 20 + (int)(seconds * 20) + 1;
	assert_true(tries > sent);
	assert_in_range(sent, 25, most);
	tear_down(hosts);
}

/* The header names fd09::2 first, which is allowed, and then another. */
static void
routing_headers(void **state)
{
	struct hosts *hosts = build_hosts();
	struct deed plain = { FAMILY_IPV6, far_name[FAMILY_IPV6], 53, 0, 'a' };
	struct deed bent = { FAMILY_IPV6, "2001:db8::10", 53, 0, 'b' };

	world_uses = *state;
	fence(hosts, "allow any fd09::2");
	assert_int_equal(as(USER, say_udp, &plain), 0);
	assert_int_equal(as(OUTSIDER, say_by_routing_header, &bent), 0);
	assert_int_equal(as(USER, say_by_routing_header, &bent), EPERM);
	fence(hosts, "serve all; loopback all; default allow");
	assert_int_equal(as(USER, say_by_routing_header, &bent), EPERM);
	tear_down(hosts);
}

/* The host's own OUTPUT rules still see what a fence allows, and only they see the rest's. */
static void
allowed_is_not_accepted(void **state)
{
	struct hosts *hosts = build_hosts();
	enum family family;

	world_uses = *state;
	world_do("set -e; iptables-legacy -A OUTPUT -p udp --dport 99 -j DROP;"
		 "ip6tables-legacy -A OUTPUT -p udp --dport 99 -j DROP");
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		struct deed banned = { family, far_name[family], 99, 0, 'a' };
		struct deed fine = { family, far_name[family], 98, 0, 'b' };

		fence(hosts, "allow udp/98,99 any");
		assert_int_equal(as(USER, say_udp, &banned), EPERM);
		assert_int_equal(as(USER, say_udp, &fine), 0);
		fence(hosts, "default allow");
		assert_int_equal(as(USER, say_udp, &banned), EPERM);
		assert_int_equal(as(USER, say_udp, &fine), 0);
	}
	tear_down(hosts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test_both(datagrams),
		world_test_both(connections),
		world_test_both(pings),
		world_test_both(loopback),
		world_test_both(serving),
		world_test_both(interfaces),
		world_test_both(limits),
		world_test_both(a_limit_fills_up_again),
		world_test_both(routing_headers),
		world_test_both(allowed_is_not_accepted),
	};

	return cmocka_run_group_tests_name("engine traffic", tests, NULL, NULL);
}
