/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our table as nft(8) lists it, and reads it. Pure.
 */
#ifndef NETFENCE_NFTABLES_TEXT_H
#define NETFENCE_NFTABLES_TEXT_H

#include <stdio.h>

#include "fence/fence.h"

/*
 * What applying the plan puts into the kernel: with FAMILY_IPV4 all of the table inet netfence,
 * which carries both families, without counters; with FAMILY_IPV6, and where there are no fences,
 * nothing. 0, -EINVAL or -ENOMEM as nlayout_build(), -EIO where the stream is in error.
 */
int nftables_rules_text(const struct fence_plan *plan, enum family family, FILE *stream);

#endif
