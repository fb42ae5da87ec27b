/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/krule.h"

/* The bits in which the ends differ must be the last ones, all 0 in `first` and all 1 in `last`. */
int
krule_prefix(const struct krule *rule, enum family family)
{
	int bits = family == FAMILY_IPV4 ? 32 : 128;
	int i, first, last, length = bits;

	for (i = 0; i < bits; i++) {
		first = rule->to.first[i / 8] >> (7 - i % 8) & 1;
		last = rule->to.last[i / 8] >> (7 - i % 8) & 1;
		if (length == bits && first != last)
			length = i;
		if (length < bits && (first != 0 || last != 1))
			return -1;
	}
	return length;
}
