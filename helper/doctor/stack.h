/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PAM service's stack for one kind of question (session, auth), as libpam would run it: lines of
 * the service's file and of those that it includes, and whether a session can come to its end
 * without a certain one of them.
 */
#ifndef NETFENCE_DOCTOR_STACK_H
#define NETFENCE_DOCTOR_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "doctor/host.h"

#define STACK_LINES_MAX 512

/*
 * control  "required", "[success=ok default=bad]"; "substack" is a line that holds those up to end
 * module   without its folder; of a substack "", of others as the file has it in `path`
 * argv     its arguments, brackets around them taken off; argv[argc] is NULL
 * scope    the index of the substack that it stands in, or STACK_TOP
 * end      behind the last line of a substack
 * own      the line of the service's own file through which it came in
 */
struct stack_line {
	char *file;
	uint32_t line;
	char *control;
	char *module;
	char *path;
	int argc;
	const char **argv;
	uint32_t scope;
	uint32_t end;
	uint32_t own;
};

#define STACK_TOP UINT32_MAX

struct stack {
	uint32_t n;
	struct stack_line *lines;
	char *file; /* the service's own */
};

/* Reads /etc/pam.d/SERVICE, or where vendors put theirs; kind: "session" or "auth". -ENOENT: there
 * is no such service; others: it could not be read, or understood. stack_free() either way. */
int stack_read(const struct host *host, const char *service, const char *kind, struct stack *stack,
    struct why *why);
void stack_free(struct stack *stack);

/* The first line with that module ("pam_netfence.so") from index `from` on; stack.n: none. */
uint32_t stack_find(const struct stack *stack, const char *module, uint32_t from);

/* Whether a session is refused where the line's module fails. */
bool stack_can_refuse(const struct stack_line *line);

/* Whether a session can succeed without the line `wanted` having run; then *by is the line that
 * ends the stack before it or jumps over it. */
bool stack_avoids(const struct stack *stack, uint32_t wanted, uint32_t *by);

/* Ahead of which line of the service's own file a module belongs that has to come first: that of
 * the first that comes from another file, or is none of those that only prepare. 0: at the end. */
uint32_t stack_place(const struct stack *stack);

/* The folders of services, the first goes first; ends with NULL. */
extern const char *const stack_folders[];

#endif
