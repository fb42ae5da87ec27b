/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What main and the resolver's process say to each other.
 */
#ifndef NETFENCE_RESOLVER_WIRE_H
#define NETFENCE_RESOLVER_WIRE_H

enum resolver_operation {
	RESOLVER_ASK =
	    512,      /* users (string, strings of their known groups), strings groups → LIST */
	RESOLVER_LIST /* u8 complete, u32 count, each u8 resolver_result and a part: an open_request
		       */
};

#define RESOLVER_NAMES_MAX 1000000

#endif
