/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shape of entries, and which of their bytes count when one is compared with what a snapshot
 * holds: every single one is turned over.
 */
#include <netinet/in.h>

#include <limits.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iptables/entry.h"

/* What a byte of an entry is. */
enum kind {
	COUNTS,  /* what the rule says */
	IGNORED, /* the kernel's own, counters, padding, what follows a name's end */
};

static enum kind kinds[ENTRY_MAX];

static void
mark(size_t from, size_t to, enum kind kind)
{
	for (; from < to; from++)
		kinds[from] = kind;
}

/* Marks a match's or a target's header at `offset`; both begin with a size, a name and a
 * revision. */
static void
mark_header(const unsigned char *bytes, size_t offset)
{
	struct xt_entry_match header;
	size_t name = offset + offsetof(struct xt_entry_match, u.user.name);

	memcpy(&header, bytes + offset, sizeof(header));
	mark(offset, offset + sizeof(header), COUNTS);
	mark(name + strlen(header.u.user.name) + 1, name + sizeof(header.u.user.name), IGNORED);
}

static void
mark_entry(const struct entry *entry, enum family family)
{
	size_t size = family == FAMILY_IPV4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);
	struct ipt_entry head;
	struct ip6t_entry head6;
	struct xt_entry_match match;
	size_t offset, target;

	memcpy(&head, entry->bytes, sizeof(head));
	memcpy(&head6, entry->bytes, sizeof(head6));
	target = family == FAMILY_IPV4 ? head.target_offset : head6.target_offset;
	mark(0, size, IGNORED);
	if (family == FAMILY_IPV4) {
		mark(0, sizeof(head.ip), COUNTS);
		mark(offsetof(struct ipt_entry, target_offset),
		    offsetof(struct ipt_entry, comefrom), COUNTS);
	} else {
		mark(0, offsetof(struct ip6t_ip6, invflags) + 1, COUNTS);
		mark(offsetof(struct ip6t_entry, target_offset),
		    offsetof(struct ip6t_entry, comefrom), COUNTS);
	}
	for (offset = size; offset < target; offset += match.u.match_size) {
		memcpy(&match, entry->bytes + offset, sizeof(match));
		mark_header(entry->bytes, offset);
		mark(offset + sizeof(match), offset + match.u.match_size, COUNTS);
	}
	memcpy(&match, entry->bytes + target, sizeof(match));
	mark_header(entry->bytes, target);
	mark(target + sizeof(match), entry->size, COUNTS);
}

static void
turn_every_byte(const struct krule *rule, enum family family)
{
	struct entry wanted, found;
	size_t i;

	entry_make(rule, family, &wanted);
	mark_entry(&wanted, family);
	found = wanted;
	assert_true(entry_same(&wanted, family, found.bytes));
	for (i = 0; i < wanted.size; i++) {
		found.bytes[i] ^= 0x41;
		if (entry_same(&wanted, family, found.bytes) != (kinds[i] != COUNTS))
			fail_msg("byte %zu of %zu, target %d", i, wanted.size, rule->target);
		found.bytes[i] ^= 0x41;
	}
}

static struct krule
rule_of(uint32_t number)
{
	static const struct uid_gap gaps[KRULE_GAPS] = { { 3, 3 }, { 5, 8 } };
	struct krule rule = krule_any((enum krule_target)(number % 5));

	rule.chain = (struct chain_name){ "NETFENCE:a" };
	switch (number / 5) {
	case 1:
		rule.owner = true;
		rule.uid_first = 1;
		rule.uid_last = 2;
		break;
	case 2:
		rule.protocol = 6;
		rule.side = KRULE_DESTINATION_PORTS;
		rule.n_ports = 1;
		rule.ports[0] = (struct ports){ 22, 23 };
		rule.reply = true;
		break;
	case 3:
		rule.protocol = 17;
		rule.side = KRULE_SOURCE_PORTS;
		rule.n_ports = 2;
		rule.ports[0] = (struct ports){ 1, 2 };
		rule.ports[1] = (struct ports){ 5, 5 };
		strcpy(rule.interface, "lo");
		rule.local = true;
		break;
	case 4:
		rule.to_set = true;
		rule.to.first[0] = 10;
		rule.to.last[0] = 12;
		break;
	case 5:
		rule.to_set = true;
		rule.to.first[0] = rule.to.last[0] = 10;
		break;
	case 6:
		rule.protocol = 1;
		rule.icmp_type = 8;
		break;
	case 7:
		rule.routing = true;
		break;
	case 8:
		rule.limit = (struct limit){ 10, 60 };
		strcpy(rule.limit_name, "NETFENCE:a.1.10.60");
		break;
	case 9:
		rule.owner = true;
		rule.uid_first = 1;
		rule.uid_last = 9;
		rule.n_gaps = 2;
		rule.gaps = gaps;
		break;
	default:
		break;
	}
	return rule;
}

/* Where a jump leads counts, and nothing else changes with it. */
static void
jumps_lead(void **state)
{
	struct krule rule = krule_any(KRULE_GOTO);
	struct entry one, other;
	enum family family;
	size_t i, differ;

	(void)state;
	rule.owner = true;
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		entry_make(&rule, family, &one);
		other = one;
		entry_lead_to(&one, family, 0x01020304);
		assert_false(entry_same(&one, family, other.bytes));
		for (i = differ = 0; i < one.size; i++)
			differ += one.bytes[i] != other.bytes[i];
		assert_int_equal(differ, 4);
		entry_lead_to(&other, family, 0x01020304);
		assert_true(entry_same(&one, family, other.bytes));
	}
}

static void
every_byte_that_counts(void **state)
{
	struct krule rule;
	uint32_t i;

	(void)state;
	for (i = 0; i < 10 * 5; i++) {
		rule = rule_of(i);
		if (!rule.routing)
			turn_every_byte(&rule, FAMILY_IPV4);
		turn_every_byte(&rule, FAMILY_IPV6);
	}
}

/* Every part begins and ends where the kernel's check wants it, and the whole is no longer than
 * the room for it, whatever a rule asks at once. */
static void
entries_are_aligned(void **state)
{
	struct krule rule = krule_any(KRULE_GOTO);
	struct entry entry;
	struct ipt_entry head;
	struct ip6t_entry head6;
	struct xt_entry_match match;
	size_t offset;
	uint32_t i;

	(void)state;
	rule.owner = rule.local = rule.reply = rule.routing = rule.to_set = true;
	rule.to.last[0] = 2;
	rule.protocol = 58;
	rule.icmp_type = 1;
	rule.side = KRULE_SOURCE_PORTS;
	rule.n_ports = KRULE_SLOTS;
	for (i = 0; i < KRULE_SLOTS; i++)
		rule.ports[i] = (struct ports){ (uint16_t)i, (uint16_t)i };
	rule.limit = (struct limit){ 10, 60 };
	memset(rule.limit_name, 'x', sizeof(rule.limit_name) - 1);
	rule.chain = (struct chain_name){ "NETFENCE:1234567890123456789" };

	entry_make(&rule, FAMILY_IPV4, &entry);
	memcpy(&head, entry.bytes, sizeof(head));
	assert_int_equal(head.next_offset, entry.size);
	assert_in_range(entry.size, sizeof(head), ENTRY_MAX);
	entry_make(&rule, FAMILY_IPV6, &entry);
	memcpy(&head6, entry.bytes, sizeof(head6));
	assert_int_equal(head6.next_offset, entry.size);
	assert_in_range(entry.size, sizeof(head6), ENTRY_MAX);
	for (offset = sizeof(head6); offset < entry.size; offset += match.u.match_size) {
		assert_int_equal(offset % __alignof__(struct _xt_align), 0);
		memcpy(&match, entry.bytes + offset, sizeof(match));
		assert_in_range(match.u.match_size, sizeof(match), entry.size - offset);
	}
	assert_int_equal(offset, entry.size);
}

/* The entry of one owner rule becomes that of another with as many gaps. */
static void
owners_are_set(void **state)
{
	static const struct uid_gap none[KRULE_GAPS];
	struct uid_gap gaps[KRULE_GAPS];
	struct krule rule = krule_any(KRULE_GOTO), blank = rule;
	struct entry entry, wanted;
	enum family family;
	uint32_t i, n;

	(void)state;
	for (i = 0; i < KRULE_GAPS; i++)
		gaps[i] = (struct uid_gap){ 10 + 5 * i, 12 + 5 * i };
	rule.owner = blank.owner = true;
	rule.uid_first = 5;
	rule.uid_last = 1000;
	rule.gaps = gaps;
	blank.gaps = none;
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		for (n = 0; n <= KRULE_GAPS; n++) {
			rule.n_gaps = blank.n_gaps = n;
			entry_make(&rule, family, &wanted);
			entry_make(&blank, family, &entry);
			assert_false(entry_same(&wanted, family, entry.bytes));
			entry_set_owner(&entry, family, 5, 1000, gaps, n);
			assert_int_equal(entry.size, wanted.size);
			assert_memory_equal(entry.bytes, wanted.bytes, wanted.size);
			assert_in_range(entry.size, 1, ENTRY_MAX);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_that_counts),
		cmocka_unit_test(entries_are_aligned),
		cmocka_unit_test(jumps_lead),
		cmocka_unit_test(owners_are_set),
	};

	return cmocka_run_group_tests_name("iptables entries", tests, NULL, NULL);
}
