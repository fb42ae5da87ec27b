/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "choice.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "iptables/listed.h"

static const struct engine *const engines[] = {
	[SETTINGS_ENGINE_IPTABLES] = &iptables_engine,
	[SETTINGS_ENGINE_NFTABLES] = &nftables_engine,
};

const struct engine *
choice_engine(enum settings_engine which)
{
	return engines[which];
}

enum settings_engine
choice_other(enum settings_engine which)
{
	return which == SETTINGS_ENGINE_IPTABLES ? SETTINGS_ENGINE_NFTABLES
						 : SETTINGS_ENGINE_IPTABLES;
}

bool
choice_find(const char *name, enum settings_engine *which)
{
	size_t i;

	*which = SETTINGS_ENGINE_AUTO;
	if (!strcmp(name, "auto"))
		return true;
	for (i = SETTINGS_ENGINE_AUTO + 1; i < sizeof(engines) / sizeof(engines[0]); i++) {
		*which = (enum settings_engine)i;
		if (!strcmp(name, engines[i]->name))
			return true;
	}
	return false;
}

/* No such tables, or not all that rules are made of: not something that passes. */
static bool
is_lacking(int error)
{
	return error == -ENOPROTOOPT || error == -ENOENT || error == -EPROTONOSUPPORT ||
	       error == -EOPNOTSUPP || error == -EAFNOSUPPORT;
}

/* 1: this kernel is for it; 0: it is not. */
static int
suits(const struct engine *engine, struct why *why)
{
	struct engine_state *state;
	int family, error;

	for (family = 0; family < FAMILIES; family++) {
		state = NULL;
		error = engine->open((enum family)family, &state, why);
		engine->close(state);
		if (error == -EAFNOSUPPORT && family == FAMILY_IPV6)
			continue;
		if (error)
			return is_lacking(error) ? 0 : error;
	}
	return 1;
}

int
choice_auto(enum settings_engine *which, struct why *why)
{
	int result = suits(&iptables_engine, why);

	*which = SETTINGS_ENGINE_IPTABLES;
	if (result)
		return result < 0 ? result : 0;
	result = suits(&nftables_engine, why);
	if (result == 1)
		*which = SETTINGS_ENGINE_NFTABLES;
	return result < 0 ? result : 0;
}

/* Of `name NUMBER …` or `kernel/FOLDER/name.ko`, a line each. */
static bool
list_lacks(const char *path, const char *module)
{
	cleanup_free char *line = NULL;
	size_t size = 0, length = strlen(module);
	FILE *file = fopen(path, "re");
	bool lacks = file != NULL;
	const char *name;

	while (lacks && getline(&line, &size, file) > 0) {
		name = strrchr(line, '/');
		name = name ? name + 1 : line;
		lacks = strncmp(name, module, length) != 0 || !strchr(" .", name[length]);
	}
	if (file)
		fclose(file);
	return lacks;
}

bool
choice_lacks_module(const char *loaded, const char *builtin, const char *module)
{
	return list_lacks(loaded, module) && list_lacks(builtin, module);
}

static bool
nf_tables_is_not_loaded(void)
{
	struct utsname kernel;
	char builtin[sizeof(kernel.release) + 64];

	if (uname(&kernel) < 0)
		return false;
	snprintf(builtin, sizeof(builtin), "/lib/modules/%s/modules.builtin", kernel.release);
	return choice_lacks_module("/proc/modules", builtin, "nf_tables");
}

int
choice_open_left(enum settings_engine which, enum family family, int tables,
    struct engine_state **state, struct why *why)
{
	int error;

	*state = NULL;
	if (which == SETTINGS_ENGINE_IPTABLES ? !listed_filter(tables) : nf_tables_is_not_loaded())
		return 0;
	error = engines[which]->open(family, state, why);
	return is_lacking(error) ? 0 : error;
}
