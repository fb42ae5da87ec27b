/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
why_set(struct why *why, int error, const char *format, ...)
{
	va_list args;

	if (why) {
		va_start(args, format);
		vsnprintf(why->text, sizeof(why->text), format, args);
		va_end(args);
	}
	return -error;
}

int
why_errno(struct why *why, int error, const char *format, ...)
{
	va_list args;
	size_t used;

	if (why) {
		va_start(args, format);
		vsnprintf(why->text, sizeof(why->text), format, args);
		va_end(args);
		used = strlen(why->text);
		/* strerrordesc_np needs no buffer and touches no locale (glibc 2.32). */
		snprintf(
		    why->text + used, sizeof(why->text) - used, ": %s", strerrordesc_np(error));
	}
	return -error;
}
