/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has an event loop send the lines that wait for the log.
 */
#ifndef NETFENCE_LOG_LOOP_H
#define NETFENCE_LOG_LOOP_H

#include <stdint.h>

struct event_base;
struct log_loop;

/* One per process. unsaid: how many lines would be lost if the process ended now, kept up to date.
 * Both stay the caller's. NULL where there is no memory. */
struct log_loop *log_loop_new(struct event_base *base, _Atomic uint64_t *unsaid);

/* NULL is fine. */
void log_loop_free(struct log_loop *loop);

#endif
