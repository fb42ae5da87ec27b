/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy as compiled: what the YAML reader produces, what `fence` hands over and what an
 * engine turns into kernel rules. It knows neither YAML nor any engine.
 *
 * Ownership: every pointer in here belongs to the arena that the whole was built in; nothing is
 * freed on its own.
 */
#ifndef NETFENCE_RULE_H
#define NETFENCE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum family { FAMILY_IPV4, FAMILY_IPV6, FAMILIES };

enum action {
	ACTION_ALLOW,  /* back to the host's own OUTPUT rules: a fence only takes away */
	ACTION_REJECT, /* admin-prohibited, in both families */
	ACTION_DROP
};

/* Bounds; beyond any of them is an error, in the reader as in the codec. */
#define POLICY_RULES_MAX     4096  /* rules in one policy */
#define POLICY_ADDRESSES_MAX 65536 /* address ranges in all */
#define POLICY_NAME_MAX      255   /* bytes of a policy's name, without the final NUL */
#define POLICY_MESSAGE_MAX   1024  /* bytes of `message`, without the final NUL */
#define POLICY_COUNT_MAX     4096  /* policies in one configuration */
#define POLICY_GRANTED_MAX   64    /* rules in front of one policy */
#define POLICY_FRONTS_MAX    4096  /* policies with such */

#define WHAT_ANY (-1)

/* Ports from `first` to `last`, both included; first <= last. */
struct ports {
	uint16_t first;
	uint16_t last;
};

/*
 * One protocol's share of `allow: tcp/22,80`.
 * protocol   0..255, or WHAT_ANY (then there are no ports and no types)
 * icmp_type  0..255 or WHAT_ANY; only with protocol 1 (icmp) and 58 (icmpv6)
 * icmp_code  0..255 or WHAT_ANY; only with an icmp_type
 * ports      sorted, apart from one another (neither overlapping nor adjoining); none: every
 *            port; only with tcp (6), udp (17) and sctp (132)
 * Protocol 1 exists in IPv4 only, 58 in IPv6 only: what_in_family() says so.
 */
struct what {
	int16_t protocol;
	int16_t icmp_type;
	int16_t icmp_code;
	uint32_t n_ports;
	struct ports *ports;
};

/* Addresses from `first` to `last`, both included, in network byte order; IPv4 uses the first
 * four bytes and leaves the others zero. `any` is the range over all of a family. */
struct address_range {
	uint8_t first[16];
	uint8_t last[16];
};

/* `limit: 10/second`: the rule matches `count` times in `seconds`, shared by all who have the
 * policy; above that it does not match. count 0: no limit. */
struct limit {
	uint32_t count;   /* 1..RULE_LIMIT_MAX */
	uint32_t seconds; /* 1, 60, 3600 or 86400 */
};

#define RULE_LIMIT_MAX     10000
#define RULE_INTERFACE_MAX 15 /* bytes: IFNAMSIZ without its NUL */

/*
 * One entry of `egress`. It matches when one of `what` and one of `to` of the packet's family
 * do. The ranges are sorted and apart; an empty list means that the rule has nothing to say
 * about that family.
 */
struct rule {
	enum action action;
	uint32_t n_what;
	struct what *what;
	uint32_t n_to[FAMILIES];
	struct address_range *to[FAMILIES];
	const char *file;      /* where it was written */
	uint32_t line;         /* from 1 */
	const char *comment;   /* or NULL */
	const char *interface; /* the packet leaves through it; or NULL */
	struct limit limit;
	bool log;
};

/* `serve` and `loopback`: nothing, everything, or a list. */
enum passage_kind { PASSAGE_NONE, PASSAGE_ALL, PASSAGE_LIST };

struct passage {
	enum passage_kind kind;
	uint32_t n_what; /* with PASSAGE_LIST only */
	struct what *what;
};

/*
 * One entry of `tests`, in the grammar of the rules: each packet that `what` and `to` name meets
 * `action`. An empty list of ranges has nothing to say about that family. interface: through which
 * they leave, or NULL: whichever it is.
 */
struct policy_test {
	enum action action;
	uint32_t n_what;
	struct what *what;
	uint32_t n_to[FAMILIES];
	struct address_range *to[FAMILIES];
	const char *interface;
	const char *file; /* where it was written */
	uint32_t line;    /* from 1 */
	uint32_t column;  /* from 1 */
};

/* Each of these begins with its default. */
enum policy_log { POLICY_LOG_DENIED, POLICY_LOG_ALL, POLICY_LOG_NONE };
enum policy_mode { POLICY_ENFORCE, POLICY_OBSERVE }; /* observe denies, cuts, ends nothing */
enum policy_leave { POLICY_HOLD, POLICY_CLOSE, POLICY_KILL };
enum policy_expiry { POLICY_EXPIRY_CLOSE, POLICY_EXPIRY_KILL };

/*
 * name      "vendor", "users/alice", "groups/supporters": unique in a configuration
 * egress    first match wins
 * unmatched what `default` says: for what no rule matches
 * serve     answers (conntrack's reply direction) from the user's own listening sockets; the
 *           ports in its list are the local ones, the packet's source ports. Decided first.
 * loopback  traffic through lo to an address of this host; decided before egress, which never
 *           applies to it
 * message   for the user at login; "" for none, NULL for a line that netfenced has
 * on_logout    what becomes of the fence after the last session, while something is left
 * max_session  seconds, from the first session until the fence has gone; 0: without end
 * on_expiry    what happens then
 * always       fenced from the daemon's start, session or not
 * tests        what the policy must say of some packets; tests_hold() holds it to them
 * mark      a hash, of 48 bits, of what crosses to an engine; 0 where nobody has asked for it
 *           (crossing_mark()). What the kernel logs is named by it
 * granted   allowed for a time, before everything else but IPv6 routing headers; n_granted of them,
 *           at most POLICY_GRANTED_MAX
 * behind    with `granted` only: the policy without them. All else is as there, and it stands
 *           before this one in the same list, so that an engine may lead there
 */
struct policy {
	const char *name;
	const char *file;
	uint32_t line;
	uint32_t n_egress;
	struct rule *egress;
	enum action unmatched;
	struct passage serve;
	struct passage loopback;
	const char *message;
	enum policy_log log;
	enum policy_mode mode;
	enum policy_leave on_logout;
	uint32_t max_session;
	enum policy_expiry on_expiry;
	bool always;
	uint32_t n_tests;
	struct policy_test *tests;
	uint64_t mark;
	uint32_t n_granted;
	struct rule *granted;
	const struct policy *behind;
};

#define POLICY_SESSION_MAX (366U * 86400) /* seconds of max_session */

/* Whether `what` can be met in `family` at all. */
static inline bool
what_in_family(const struct what *what, enum family family)
{
	return !(what->protocol == 1 && family != FAMILY_IPV4) &&
	       !(what->protocol == 58 && family != FAMILY_IPV6);
}

#endif
