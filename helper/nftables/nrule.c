/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/nrule.h"

/* The bits in which the ends differ must be the last ones, all 0 in `first` and all 1 in `last`. */
int
nrule_prefix(const struct address_range *range, enum family family)
{
	int bits = family == FAMILY_IPV4 ? 32 : 128;
	int i, first, last, length = bits;

	for (i = 0; i < bits; i++) {
		first = range->first[i / 8] >> (7 - i % 8) & 1;
		last = range->last[i / 8] >> (7 - i % 8) & 1;
		if (length == bits && first != last)
			length = i;
		if (length < bits && (first != 0 || last != 1))
			return -1;
	}
	return length;
}
