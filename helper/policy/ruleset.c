/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/ruleset.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/compile.h"
#include "policy/document.h"
#include "policy/files.h"
#include "policy/resolvers.h"
#include "wire/buffer.h"

#define SERVICES_FILE   "/etc/services"
#define LOGIN_DEFS_FILE "/etc/login.defs"

/* A ruleset under way. The arena is in the ruleset, and the ruleset in the arena. */
struct loading {
	struct ruleset *ruleset;
	struct reporter *reporter;
	struct compile_input input;
};

static int
begin(struct loading *loading)
{
	struct arena *arena = arena_new();

	*loading = (struct loading){ .ruleset = NULL };
	if (!arena)
		return -ENOMEM;
	loading->ruleset = arena_new_of(arena, 1, struct ruleset);
	loading->reporter = reporter_new(arena);
	if (!loading->ruleset || !loading->reporter) {
		arena_free(arena);
		loading->ruleset = NULL;
		return -ENOMEM;
	}
	loading->ruleset->arena = arena;
	return 0;
}

/* UID_MIN, as login.defs(5) writes it: decimal, octal or hexadecimal. */
static uint32_t
find_uid_min(const char *text)
{
	static const char key[] = "UID_MIN";
	const char *line, *value;
	unsigned long number;
	char *end;

	for (line = text; line; line = strchr(line, '\n')) {
		line += strspn(line, " \t\n");
		if (strncmp(line, key, sizeof(key) - 1) != 0)
			continue;
		value = line + sizeof(key) - 1;
		if (*value != ' ' && *value != '\t')
			continue;
		errno = 0;
		number = strtoul(value, &end, 0);
		if (end != value && !errno && number < UINT32_MAX)
			return (uint32_t)number;
	}
	return UID_MIN_DEFAULT;
}

/* What the rules mean on this host. */
static int
read_host(struct loading *loading)
{
	static const struct source services_source = { .name = SERVICES_FILE, .order = UINT32_MAX };
	struct arena *arena = loading->ruleset->arena;
	const char *text = NULL;
	size_t length = 0;
	int result;

	result = files_read(arena, SERVICES_FILE, SERVICES_LENGTH_MAX, &text, &length, NULL);
	if (result == -ENOMEM)
		return result;
	if (result) {
		length = 0;
		result = report_warning(loading->reporter,
		    (struct mark){ .source = &services_source },
		    "cannot be read (%s): no service is known by name", strerrordesc_np(-result));
		if (result)
			return result;
	}
	loading->input.services = services_parse(arena, text, length);
	result = files_read(arena, LOGIN_DEFS_FILE, DOCUMENT_LENGTH_MAX, &text, &length, NULL);
	loading->input.uid_min = result ? UID_MIN_DEFAULT : find_uid_min(text);
	if (result == -ENOMEM || !loading->input.services)
		return -ENOMEM;
	loading->input.resolv_conf = RESOLVERS_FILE;
	result = files_read(arena, RESOLVERS_FILE, RESOLVERS_LENGTH_MAX,
	    &loading->input.resolv_conf_text, &loading->input.resolv_conf_length, NULL);
	if (result)
		loading->input.resolv_conf_length = 0;
	return result == -ENOMEM ? result : 0;
}

/* Hands over, or lets go of everything where there was no memory. read: what came of the files. */
static int
finish(struct loading *loading, int read, struct ruleset **ruleset, struct why *why)
{
	static const struct source nowhere = { .name = "netfence" };
	struct ruleset *mine = loading->ruleset;
	int result = read;

	if (result != -ENOMEM)
		result =
		    worse(result, compile(mine->arena, loading->reporter, &loading->input, mine));
	/* What was found unusable has been reported. Should it not have been, it is unusable all
	 * the same, and nobody may take the ruleset for a good one. */
	if (result == -EINVAL && !loading->input.alone && !report_errors(loading->reporter))
		result = report_error(loading->reporter, (struct mark){ .source = &nowhere },
		    "the rules cannot be used, and it is a fault of this program not to say why");
	if (result != -ENOMEM && report_finish(loading->reporter, &mine->report))
		result = -ENOMEM;
	if (result == -ENOMEM) {
		ruleset_free(mine);
		*ruleset = NULL;
		return why_set(why, ENOMEM, "no memory for the rules");
	}
	*ruleset = mine;
	if (mine->report.n_errors)
		return why_set(why, EINVAL, "the rules have %u error%s", mine->report.n_errors,
		    mine->report.n_errors == 1 ? "" : "s");
	return 0;
}

static int
load(struct loading *loading, const char *folder, const struct source *instead,
    struct ruleset **ruleset, struct why *why)
{
	struct files files = { .n = 0 };
	int result =
	    files_load(loading->ruleset->arena, loading->reporter, folder, instead, &files);

	if (result != -ENOMEM)
		result = worse(result, read_host(loading));
	loading->input.sources = files.sources;
	loading->input.n = files.n;
	loading->ruleset->sources = files.sources;
	loading->input.open = files.lost;
	return finish(loading, result, ruleset, why);
}

int
ruleset_load(const char *folder, struct ruleset **ruleset, struct why *why)
{
	struct loading loading;

	*ruleset = NULL;
	if (begin(&loading))
		return why_set(why, ENOMEM, "no memory for the rules");
	return load(&loading, folder, NULL, ruleset, why);
}

/* A file by itself, into *source, whose `as` is the caller's. */
static int
read_source(struct loading *loading, const char *path, struct source *source, struct why *why)
{
	int result;

	source->name = arena_string(loading->ruleset->arena, path, strlen(path));
	if (!source->name)
		return why_set(why, ENOMEM, "no memory for the rules");
	result = files_read(loading->ruleset->arena, path, DOCUMENT_LENGTH_MAX, &source->text,
	    &source->length, why);
	return result;
}

/* Where a file would stand, by the folder it lies in: /etc/netfence/groups/x.yaml is a group's,
 * whatever the path to it was. Anything else is read as netfence.yaml is. NULL: no memory. */
static const char *
guess_place(struct arena *arena, const char *path)
{
	cleanup_free char *real = realpath(path, NULL);
	char *name = real ? strrchr(real, '/') : NULL, *folder;
	const char *place;

	if (!real && errno == ENOMEM)
		return NULL;
	if (!name || name == real)
		return "netfence.yaml";
	*name = '\0';
	folder = strrchr(real, '/');
	place = arena_printf(arena, "%s/%s", folder ? folder + 1 : "", name + 1);
	if (!place || files_has_place(place))
		return place;
	return "netfence.yaml";
}

int
ruleset_check_file(const char *path, struct ruleset **ruleset, struct why *why)
{
	struct loading loading;
	struct source *source;
	int result;

	*ruleset = NULL;
	if (begin(&loading))
		return why_set(why, ENOMEM, "no memory for the rules");
	source = arena_new_of(loading.ruleset->arena, 1, struct source);
	result = source ? read_source(&loading, path, source, why)
			: why_set(why, ENOMEM, "no memory for the rules");
	if (result) {
		ruleset_free(loading.ruleset);
		return result;
	}
	source->as = guess_place(loading.ruleset->arena, path);
	loading.input.sources = source;
	loading.input.n = 1;
	loading.input.alone = true;
	/* A part of a configuration may use what other parts define. */
	loading.input.open = source->as && strchr(source->as, '/');
	return finish(&loading, source->as ? read_host(&loading) : -ENOMEM, ruleset, why);
}

int
ruleset_check_as(
    const char *folder, const char *as, const char *path, struct ruleset **ruleset, struct why *why)
{
	struct source source = { .as = as };
	struct loading loading;
	int result;

	*ruleset = NULL;
	if (!files_has_place(as))
		return why_set(why, EINVAL,
		    "'%.200s' is no place in the rules: netfence.yaml, rules.d/NAME.yaml, "
		    "users/NAME.yaml or groups/NAME.yaml",
		    as);
	if (begin(&loading))
		return why_set(why, ENOMEM, "no memory for the rules");
	result = read_source(&loading, path, &source, why);
	if (result) {
		ruleset_free(loading.ruleset);
		return result;
	}
	return load(&loading, folder, &source, ruleset, why);
}

#define BUNDLE_MAGIC "netfence-rules 1"

char *
ruleset_bundle(const struct ruleset *ruleset, size_t *length)
{
	struct wire_out out = { 0 }, text;
	uint32_t i;

	wire_put_string(&out, BUNDLE_MAGIC);
	wire_put_u32(&out, ruleset->sources ? ruleset->n_files : 0);
	for (i = 0; ruleset->sources && i < ruleset->n_files; i++) {
		const struct source *source = &ruleset->sources[i];

		/* Only read. */
		text = (struct wire_out){ .data = (uint8_t *)(uintptr_t)source->text,
			.used = source->length };
		wire_put_string(&out, source->name);
		wire_put_string(&out, source->as);
		wire_put_part(&out, &text);
	}
	if (out.failed) {
		wire_out_free(&out);
		return NULL;
	}
	*length = out.used;
	return (char *)out.data;
}

static const char *
get_string(struct wire_in *in, struct arena *arena)
{
	size_t length;
	const char *view = wire_get_view(in, PATH_MAX, &length);
	const char *copy = view ? arena_string(arena, view, length) : NULL;

	if (!copy)
		in->failed = true;
	return copy;
}

static bool
get_sources(struct wire_in *in, struct arena *arena, struct source **sources, uint32_t *n)
{
	const char *magic = get_string(in, arena);
	struct wire_in text;
	uint32_t i;

	if (!magic || strcmp(magic, BUNDLE_MAGIC) != 0)
		return false;
	*n = wire_get_count(in, UINT32_MAX, 12);
	*sources = arena_new_of(arena, *n, struct source);
	for (i = 0; *sources && i < *n; i++) {
		struct source *source = &(*sources)[i];

		source->name = get_string(in, arena);
		source->as = get_string(in, arena);
		source->order = i;
		wire_get_part(in, &text);
		source->length = text.left;
		source->text = arena_string(arena, (const char *)text.data, text.left);
		if (!source->text || in->failed)
			return false;
	}
	return *sources && wire_in_done(in);
}

int
ruleset_load_bundle(const char *bytes, size_t length, struct ruleset **ruleset, struct why *why)
{
	struct wire_in in = { .data = (const uint8_t *)bytes, .left = length };
	struct loading loading;
	struct source *sources;
	uint32_t n;

	*ruleset = NULL;
	if (begin(&loading))
		return why_set(why, ENOMEM, "no memory for the rules");
	if (!get_sources(&in, loading.ruleset->arena, &sources, &n)) {
		ruleset_free(loading.ruleset);
		return why_set(why, EBADMSG, "the rules that were kept are damaged");
	}
	loading.input.sources = sources;
	loading.input.n = n;
	loading.ruleset->sources = sources;
	return finish(&loading, read_host(&loading), ruleset, why);
}

int
ruleset_resolvers_changed(const struct ruleset *ruleset)
{
	struct addresses now = { .followed = true };
	struct arena *arena;
	const char *text = NULL;
	size_t length = 0;
	enum family family;
	int result;

	if (!ruleset->resolv_conf)
		return 0;
	arena = arena_new();
	if (!arena)
		return -ENOMEM;
	result =
	    files_read(arena, ruleset->resolv_conf, RESOLVERS_LENGTH_MAX, &text, &length, NULL);
	if (result == -ENOENT) {
		result = 0;
		length = 0;
	}
	if (!result)
		result = resolvers_parse(arena, text, length, &now);
	for (family = FAMILY_IPV4; !result && family < FAMILIES; family++)
		result = now.n[family] != ruleset->n_resolvers[family] ||
			 (now.n[family] && memcmp(now.ranges[family], ruleset->resolvers[family],
					       now.n[family] * sizeof(**now.ranges)) != 0);
	arena_free(arena);
	return result;
}

void
ruleset_free(struct ruleset *ruleset)
{
	if (ruleset)
		arena_free(ruleset->arena);
}
