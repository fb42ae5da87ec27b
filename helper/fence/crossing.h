/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies and fences as they cross from main to an engine's process. What arrives is checked
 * against every bound of rule.h again: an engine does not trust main's arithmetic.
 */
#ifndef NETFENCE_CROSSING_H
#define NETFENCE_CROSSING_H

#include <stdbool.h>

#include "base/arena.h"
#include "fence/fence.h"
#include "wire/buffer.h"

void crossing_put_policies(struct wire_out *out, const struct policy *const *policies, uint32_t n);

/* A policy's `mark`, the same on both sides; granted rules aside. 0 where there is no memory. */
uint64_t crossing_mark(const struct policy *policy);

/* *policies lies in the arena. False where the payload is not one, or memory ran out. */
bool crossing_get_policies(
    struct wire_in *in, struct arena *arena, const struct policy *const **policies, uint32_t *n);

void crossing_put_fences(struct wire_out *out, const struct fence *fences, uint32_t n);

/* *fences is malloc'd, the caller's. False where they are not sorted, overlap, begin at uid 0, or
 * name a policy that is not below n_policies. */
bool crossing_get_fences(
    struct wire_in *in, uint32_t n_policies, struct fence **fences, uint32_t *n);

#endif
