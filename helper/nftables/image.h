/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our table as the kernel has it.
 */
#ifndef NETFENCE_NFTABLES_IMAGE_H
#define NETFENCE_NFTABLES_IMAGE_H

#include "fence/plan.h"
#include "nftables/link.h"
#include "nftables/ruleset.h"

/* users: whose members are wanted, of the maps of users. *image is the caller's to clear, also
 * after an error. Where there is no table it is empty. *generation: that of which it is. -EAGAIN:
 * somebody changes tables all the time. */
int image_read(struct link *link, enum nset_kind users, struct ruleset *image, uint32_t *generation,
    struct why *why);

/* Its chains alone, with their rules, and whatever is there by now. */
int image_read_chains(struct link *link, struct ruleset *image, struct why *why);

/* Adds all uids that the maps lead anywhere to the plan, under policy 0. */
int image_held(struct link *link, struct plan *plan, struct why *why);

#endif
