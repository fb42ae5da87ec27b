/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What netfenced has for the user to read, made fit for a terminal. Pure.
 */
#ifndef NETFENCE_PAM_MESSAGE_H
#define NETFENCE_PAM_MESSAGE_H

/* A copy of `text` in which every control character but a tab or a new line, and every byte that
 * is no UTF-8, is a question mark. malloc'd, the caller's; NULL where there is no memory. */
char *message_clean(const char *text);

#endif
