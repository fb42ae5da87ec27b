/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether one policy lets out nothing that another would not. Pure.
 */
#ifndef NETFENCE_VERDICT_NARROWER_H
#define NETFENCE_VERDICT_NARROWER_H

#include "netfence/rule.h"

/* True only where it is sure: what one allows, its earlier denials aside, the other allows too.
 * False where it does not hold, cannot be told with reasonable work, or memory runs out. */
bool narrower(const struct policy *one, const struct policy *than);

#endif
