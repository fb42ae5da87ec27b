/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this room share, and nobody else sees.
 */
#ifndef NETFENCE_DENIALS_INSIDE_H
#define NETFENCE_DENIALS_INSIDE_H

#include "denials/denials.h"

struct event;

struct denials {
	struct denials_setup setup;
	struct ring *ring;
	int sock; /* netlink's log, or -1 */
	uint16_t group;
	uint64_t lost;
	struct why away;
};

#endif
