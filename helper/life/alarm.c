/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <event2/event.h>

#include "life/inside.h"
#include "wire/client.h"

void
alarm_in(struct alarm *alarm, int64_t milliseconds)
{
	const struct timeval delay = { milliseconds / 1000, (milliseconds % 1000) * 1000 };
	int64_t due_ms = wire_clock_ms() + milliseconds;

	if (evtimer_pending(alarm->timer, NULL) && alarm->due_ms <= due_ms)
		return;
	alarm->due_ms = due_ms;
	/* Without memory for a timer: at once. Too early does no harm, and never would. */
	if (evtimer_add(alarm->timer, &delay) < 0)
		event_active(alarm->timer, EV_TIMEOUT, 0);
}

bool
alarm_is_set(const struct alarm *alarm)
{
	return evtimer_pending(alarm->timer, NULL);
}
