/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/stack.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define DEPTH_MAX 16

const char *const stack_folders[] = { "/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d", NULL };

struct reading {
	const struct host *host;
	const char *kind;
	struct stack *stack;
	struct why *why;
	uint32_t scope;
	uint32_t own; /* 0: the service's own file is being read */
	unsigned int depth;
};

/* ---------------------------------------------------------------- one line */

/* The next word; one in brackets, which may hold blanks, with them. Cut off in place. */
static char *
next_word(char **next)
{
	char *word = *next, *end;

	word += strspn(word, " \t");
	if (!*word)
		return NULL;
	end = word;
	if (*word == '[') {
		while (*end && *end != ']')
			end += end[0] == '\\' && end[1] ? 2 : 1;
		end += *end == ']';
	} else {
		end += strcspn(word, " \t");
	}
	*next = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/* [a\]b] is a]b. */
static char *
without_brackets(char *word)
{
	char *to = word, *from = word;
	size_t length = strlen(word);

	if (word[0] != '[' || word[length - 1] != ']')
		return word;
	word[length - 1] = '\0';
	for (from++; *from; from++) {
		if (from[0] == '\\' && from[1] == ']')
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return word;
}

static struct stack_line *
add_line(struct reading *reading, const char *file, uint32_t number, const char *control)
{
	struct stack *stack = reading->stack;
	struct stack_line *line;

	if (!stack->lines)
		stack->lines = calloc(STACK_LINES_MAX, sizeof(*stack->lines));
	if (!stack->lines || stack->n == STACK_LINES_MAX)
		return NULL;
	line = &stack->lines[stack->n];
	line->file = strdup(file);
	line->control = strdup(control);
	line->line = number;
	line->scope = reading->scope;
	line->own = reading->own ? reading->own : number;
	stack->n++;
	return line->file && line->control ? line : NULL;
}

static bool
set_module(struct stack_line *line, const char *path, char *rest)
{
	const char *slash = strrchr(path, '/');
	char *word;

	line->path = strdup(path);
	line->module = strdup(slash ? slash + 1 : path);
	line->argv = calloc(strlen(rest) / 2 + 2, sizeof(*line->argv));
	if (!line->path || !line->module || !line->argv)
		return false;
	while ((word = next_word(&rest))) {
		line->argv[line->argc] = strdup(without_brackets(word));
		if (!line->argv[line->argc])
			return false;
		line->argc++;
	}
	return true;
}

/* ---------------------------------------------------------------- files */

static int read_file(struct reading *reading, const char *name);

/* Lines of the named file, in the place of this one. */
static int
include(struct reading *reading, const char *name, uint32_t number)
{
	struct reading inner = *reading;

	if (!inner.own)
		inner.own = number;
	inner.depth++;
	return read_file(&inner, name);
}

static int
read_substack(struct reading *reading, const char *file, uint32_t number, const char *name)
{
	struct reading inner = *reading;
	struct stack_line *line = add_line(reading, file, number, "substack");
	uint32_t at = reading->stack->n - 1;
	int result;

	if (!line || !(line->module = strdup("")) || !(line->path = strdup(name)))
		return why_set(reading->why, ENOMEM, "no memory");
	inner.scope = at;
	result = include(&inner, name, number);
	reading->stack->lines[at].end = reading->stack->n;
	return result;
}

static int
read_line(struct reading *reading, const char *file, uint32_t number, char *text)
{
	char *kind = next_word(&text), *control, *path;
	struct stack_line *line;

	if (!kind)
		return 0;
	if (!strcasecmp(kind, "@include")) {
		path = next_word(&text);
		return path ? include(reading, path, number) : 0;
	}
	kind += kind[0] == '-';
	control = next_word(&text);
	path = next_word(&text);
	if (strcasecmp(kind, reading->kind) != 0 || !path)
		return 0;
	if (!strcasecmp(control, "include"))
		return include(reading, path, number);
	if (!strcasecmp(control, "substack"))
		return read_substack(reading, file, number, path);
	line = add_line(reading, file, number, control);
	if (!line || !set_module(line, path, text))
		return why_set(reading->why, ENOMEM, "more than %d lines", STACK_LINES_MAX);
	return 0;
}

/* Lines that end in a backslash go on; a # begins a comment, as libpam has it. */
static int
read_text(struct reading *reading, const char *file, char *text)
{
	cleanup_free char *whole = NULL;
	uint32_t number = 0, begun = 0;
	size_t length = 0, size;
	char *line, *grown, *comment;
	int result = 0;
	bool more;

	while (!result && (line = host_line(&text))) {
		number++;
		if (!length)
			begun = number;
		comment = strchr(line, '#');
		if (comment)
			*comment = '\0';
		size = strlen(line);
		more = size && line[size - 1] == '\\' && !comment;
		size -= more;
		grown = realloc(whole, length + size + 2);
		if (!grown)
			return why_set(reading->why, ENOMEM, "no memory");
		whole = grown;
		memcpy(whole + length, line, size);
		length += size;
		whole[length] = more ? ' ' : '\0';
		whole[length + 1] = '\0';
		length += more;
		if (more)
			continue;
		result = read_line(reading, file, begun, whole);
		length = 0;
	}
	return result;
}

static int
read_file(struct reading *reading, const char *name)
{
	cleanup_free char *text = NULL, *path = NULL;
	int result = -ENOENT, i;

	if (reading->depth > DEPTH_MAX)
		return why_set(reading->why, ELOOP, "%s: includes go too deep", name);
	for (i = 0; result == -ENOENT && stack_folders[i]; i++) {
		free(path);
		if (name[0] == '/' ? (path = strdup(name)) == NULL
				   : asprintf(&path, "%s/%s", stack_folders[i], name) < 0) {
			path = NULL;
			return why_set(reading->why, ENOMEM, "no memory");
		}
		result = host_read(reading->host, path, &text);
	}
	if (result < 0)
		return why_errno(reading->why, -result, "PAM file %s", name);
	if (!reading->depth)
		reading->stack->file = strdup(path);
	return read_text(reading, path, text);
}

int
stack_read(const struct host *host, const char *service, const char *kind, struct stack *stack,
    struct why *why)
{
	struct reading reading = {
		.host = host, .kind = kind, .stack = stack, .why = why, .scope = STACK_TOP
	};

	*stack = (struct stack){ .n = 0 };
	return read_file(&reading, service);
}

void
stack_free(struct stack *stack)
{
	uint32_t i;
	int argument;

	for (i = 0; i < stack->n; i++) {
		struct stack_line *line = &stack->lines[i];

		for (argument = 0; argument < line->argc; argument++)
			free((char *)(uintptr_t)line->argv[argument]);
		free(line->argv);
		free(line->file);
		free(line->control);
		free(line->module);
		free(line->path);
	}
	free(stack->lines);
	free(stack->file);
	*stack = (struct stack){ .n = 0 };
}

uint32_t
stack_find(const struct stack *stack, const char *module, uint32_t from)
{
	while (from < stack->n && strcmp(stack->lines[from].module, module) != 0)
		from++;
	return from;
}

/* ---------------------------------------------------------------- what a control does */

/* What the words stand for, as pam.conf(5) has it. */
static const char *
spelled_out(const char *control)
{
	static const char *const words[][2] = {
		{ "required", "success=ok new_authtok_reqd=ok ignore=ignore default=bad" },
		{ "requisite", "success=ok new_authtok_reqd=ok ignore=ignore default=die" },
		{ "sufficient", "success=done new_authtok_reqd=done default=ignore" },
		{ "optional", "success=ok new_authtok_reqd=ok default=ignore" },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcasecmp(control, words[i][0]))
			return words[i][1];
	}
	return control;
}

/* The action for a return code, or that for default, or "bad", as libpam takes what is left out. */
static void
action_for(const char *control, const char *code, char action[16])
{
	const char *at = spelled_out(control);
	size_t length = strlen(code), value;

	strcpy(action, "bad");
	while (*at) {
		at += strspn(at, " \t[]");
		value = strcspn(at, " \t]");
		if (!strncmp(at, "default=", 8) && value - 8 < 16) {
			memcpy(action, at + 8, value - 8);
			action[value - 8] = '\0';
		}
		if (!strncmp(at, code, length) && at[length] == '=' && value - length - 1 < 16) {
			memcpy(action, at + length + 1, value - length - 1);
			action[value - length - 1] = '\0';
			return;
		}
		at += value;
	}
}

bool
stack_can_refuse(const struct stack_line *line)
{
	char action[16];

	action_for(line->control, "session_err", action);
	return !strcmp(action, "die") || !strcmp(action, "bad");
}

/* ---------------------------------------------------------------- ways through */

struct walk {
	const struct stack *stack;
	uint32_t wanted;
	bool seen[STACK_LINES_MAX + 1];
	uint32_t by;
};

/* Where a walk goes on behind a line that stands in `scope`. */
static uint32_t
behind(const struct stack *stack, uint32_t at)
{
	return stack->lines[at].end > at ? stack->lines[at].end : at + 1;
}

static uint32_t
scope_end(const struct stack *stack, uint32_t scope)
{
	return scope == STACK_TOP ? stack->n : stack->lines[scope].end;
}

static bool walk(struct walk *walk, uint32_t at, uint32_t by);

/* One thing that may happen at a line. */
static bool
take(struct walk *this, uint32_t at, const char *action, uint32_t by)
{
	const struct stack *stack = this->stack;
	uint32_t end = scope_end(stack, stack->lines[at].scope), to;
	long jump;

	if (!strcmp(action, "die") || !strcmp(action, "bad"))
		return false; /* then nothing succeeds any more */
	if (!strcmp(action, "done"))
		return walk(this, end, end > this->wanted ? at : by);
	if (!isdigit((unsigned char)action[0]))
		return walk(this, at + 1, by);
	for (to = at + 1, jump = strtol(action, NULL, 10); jump > 0 && to < end; jump--)
		to = behind(stack, to);
	return walk(this, to, at < this->wanted && to > this->wanted ? at : by);
}

/* Whether the end can be reached from here without the wanted line; a stack's lines are few, and
 * each is visited once. */
static bool
walk(struct walk *this, uint32_t at, uint32_t by)
{
	static const char *const codes[] = { "success", "ignore", "session_err", "auth_err",
		"user_unknown", "module_unknown", "perm_denied", "new_authtok_reqd", "service_err",
		"system_err", "default" };
	const struct stack_line *line;
	char action[16];
	size_t i;

	if (at >= this->stack->n) {
		this->by = by;
		return true;
	}
	if (this->seen[at] || at == this->wanted)
		return false;
	this->seen[at] = true;
	line = &this->stack->lines[at];
	if (!line->module[0])
		return walk(this, at + 1, by);
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		/* These two can say one thing only. */
		if (!strcmp(line->module, "pam_permit.so") && i > 0)
			break;
		if (!strcmp(line->module, "pam_deny.so") && strcmp(codes[i], "session_err") != 0)
			continue;
		action_for(line->control, codes[i], action);
		if (take(this, at, action, by))
			return true;
	}
	return false;
}

bool
stack_avoids(const struct stack *stack, uint32_t wanted, uint32_t *by)
{
	struct walk this = { .stack = stack, .wanted = wanted };
	bool avoids = walk(&this, 0, STACK_TOP);

	*by = this.by;
	return avoids && this.by != STACK_TOP;
}

uint32_t
stack_place(const struct stack *stack)
{
	static const char *const prepare[] = { "pam_loginuid.so", "pam_selinux.so",
		"pam_keyinit.so" };
	uint32_t i;
	size_t j;

	for (i = 0; i < stack->n; i++) {
		const struct stack_line *line = &stack->lines[i];
		bool prepares = false;

		for (j = 0; j < sizeof(prepare) / sizeof(prepare[0]); j++)
			prepares = prepares || !strcmp(line->module, prepare[j]);
		if (!prepares || strcmp(line->file, stack->file ? stack->file : "") != 0)
			return line->own;
	}
	return 0;
}
