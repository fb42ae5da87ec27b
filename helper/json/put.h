/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of the objects that answers are made of. Where there is no memory they are missing.
 */
#ifndef NETFENCE_PUT_H
#define NETFENCE_PUT_H

#include <stdbool.h>
#include <stdint.h>

struct json_object;

/* NULL is "". JSON takes UTF-8 only: other bytes are escaped as base/utf8.h has it. */
void put_text(struct json_object *object, const char *key, const char *text);
void put_number(struct json_object *object, const char *key, int64_t number);
void put_bool(struct json_object *object, const char *key, bool value);

#endif
