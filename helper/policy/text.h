/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which characters a file, and a value in it, may hold. What stands in the rules ends up in logs,
 * on terminals and in the kernel's tables: nothing in it may be invisible or steer a terminal.
 */
#ifndef NETFENCE_POLICY_TEXT_H
#define NETFENCE_POLICY_TEXT_H

#include "policy/report.h"

/* UTF-8 throughout, and no control characters but tab, newline, and carriage return before a
 * newline. 0, -EINVAL (reported at the first that is not so), -ENOMEM. */
int text_check(struct reporter *reporter, const struct source *source);

/* What an escape in double quotes could have put into a value: as above, without \r. */
bool text_is_clean(const char *text, size_t length);

/* One line without blanks at its ends. */
bool text_is_line(const char *text);

#endif
