/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process around an engine for one family, and what main says to it: framed like everything
 * else (struct protocol_header), one answer to each request.
 */
#ifndef NETFENCE_ENGINE_PROCESS_H
#define NETFENCE_ENGINE_PROCESS_H

#include "fence/engine.h"

struct channel_batch;

enum engine_operation {
	ENGINE_USE = 256, /* first of all: u8 enum settings_engine → USING, HELD, RESULT */
	ENGINE_POLICIES,  /* u16 group of netlink's log, crossing_put_policies(); no answer */
	ENGINE_APPLY, /* crossing_put_fences() under the last policies; crossing_put_fences(), whose
		       * sockets to cut then, or nobody's, unless it is missing (channel.h) by
		       * another engine still → RESULT */
	ENGINE_VERIFY, /* empty → RESULT, EUCLEAN where something is missing */
	ENGINE_CUT,    /* u8 whether only to count, crossing_put_fences(): whose sockets to look at,
			* of both families → RESULT */
	ENGINE_LOCK,   /* u32 milliseconds to wait for the xtables lock → RESULT */
	ENGINE_CLEAR,  /* empty: remove what the other engine has left, which for iptables takes the
			* lock → RESULT */
	ENGINE_USING,  /* u8 enum settings_engine: which one USE has come to; u8 whether the other
			* may have left something */
	ENGINE_HELD,   /* crossing_put_fences(), whom the kernel fences already, by either engine,
			* under policy 0 */
	ENGINE_RESULT  /* u32 errno or 0, u8 whether what was to be applied is in force: with an
			* errno what failed is the cut, u32 commits made, u32 sockets cut or counted,
			* u8 whether the kernel can log, string why. To USE: what opening the family
			* gave, EAFNOSUPPORT where there is none */
};

/* The longest text of a RESULT. */
#define ENGINE_WHY_MAX WHY_MAX

/* Serves main until it hangs up; never returns otherwise but for a socket that broke. The lock's
 * open file description is shared with main, and so is the lock: either side may let it go.
 * tables: of listed_open(). */
void engine_process(
    enum family family, int sock, int lock, struct channel_batch *batch, int tables);

#endif
