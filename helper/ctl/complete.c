/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/complete.h"

#include <dirent.h>
#include <grp.h>
#include <json-c/json.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/answers.h"

#define ACCOUNTS_MAX 10000
#define OFFERS_MAX   1000
#define UID_PEOPLE   1000 /* below are the accounts of programs, which few ask about */

struct offer {
	const struct ctl *ctl;
	const char *typed;
	unsigned int n;
};

static void
put(struct offer *offer, const char *word, const char *what)
{
	if (strncmp(word, offer->typed, strlen(offer->typed)) != 0 || offer->n == OFFERS_MAX)
		return;
	offer->n++;
	if (what && what[0])
		printf("%s\t%s\n", word, what);
	else
		puts(word);
}

/* ---------------------------------------------------------------- what values can be */

static void
put_users(struct offer *offer)
{
	const struct passwd *account;
	unsigned int i;

	setpwent();
	for (i = 0; i < ACCOUNTS_MAX && (account = getpwent()); i++)
		if (account->pw_uid >= UID_PEOPLE || offer->typed[0])
			put(offer, account->pw_name, NULL);
	endpwent();
}

/* Those that the rules name, where they may be read. */
static void
put_groups(struct offer *offer)
{
	enum ctl_exit result;
	struct why why;
	struct ruleset *set = answers_rules(offer->ctl, &result, &why);
	const struct group *group;
	uint32_t i;

	if (set) {
		for (i = 0; i < set->who.n_groups; i++)
			put(offer, set->who.groups[i].name, NULL);
		ruleset_free(set);
		return;
	}
	setgrent();
	for (i = 0; i < ACCOUNTS_MAX && (group = getgrent()); i++)
		put(offer, group->gr_name, NULL);
	endgrent();
}

/* The numbers in a list of the daemon's, where it answers us. */
static void
put_numbers(struct offer *offer, enum protocol_operation operation, const struct wire_out *payload,
    const char *key)
{
	cleanup_free char *text = NULL;
	struct json_object *object, *list = NULL, *entry;
	struct why why;
	size_t i;

	if (ctl_try(offer->ctl, operation, payload, &text, &why) < 0)
		return;
	object = json_tokener_parse(text);
	json_object_object_get_ex(object, key, &list);
	for (i = 0; list && i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		if (json_object_object_get_ex(entry, "id", NULL))
			put(offer, ctl_text(entry, "id"), ctl_text(entry, "user"));
	}
	json_object_put(object);
}

static void
put_services(struct offer *offer)
{
	static const char *const protocols[] = { "tcp/", "udp/", "sctp/", "icmp/echo-request",
		"icmpv6/echo-request" };
	cleanup_file FILE *file = NULL;
	char line[256], *rest, *name;
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		put(offer, protocols[i], NULL);
	/* There are hundreds. */
	if (offer->typed[0])
		file = fopen("/etc/services", "re");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "#")] = '\0';
		name = strtok_r(line, " \t\n", &rest);
		if (name)
			put(offer, name, strtok_r(NULL, " \t\n", &rest));
	}
}

static void
put_files_of(struct offer *offer, const char *folder)
{
	cleanup_free char *path = NULL;
	const struct dirent *entry;
	DIR *listing;

	if (asprintf(&path, "%s/%s", offer->ctl->rules, folder) < 0) {
		path = NULL;
		return;
	}
	listing = opendir(path);
	while (listing && (entry = readdir(listing))) {
		cleanup_free char *name = NULL;
		size_t length = strlen(entry->d_name);

		if (entry->d_name[0] != '.' && length > 5 &&
		    !strcmp(entry->d_name + length - 5, ".yaml") &&
		    asprintf(&name, "%s%s%s", folder, folder[0] ? "/" : "", entry->d_name) >= 0)
			put(offer, name, NULL);
	}
	if (listing)
		closedir(listing);
}

static void
put_times(struct offer *offer)
{
	static const char *const times[] = { "5m", "15m", "1h", "2h", "8h", "1d" };
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		put(offer, times[i], NULL);
}

static void
put_grants(struct offer *offer)
{
	struct wire_out everybody = { 0 };

	wire_put_string(&everybody, "");
	put_numbers(offer, PROTOCOL_GRANTS, &everybody, "grants");
	wire_out_free(&everybody);
}

/* What a usage calls USER, TIME and so on. */
static void
put_value(struct offer *offer, const char *command, const char *value)
{
	if (!strcmp(value, "USER"))
		put_users(offer);
	else if (!strcmp(value, "GROUP"))
		put_groups(offer);
	else if (!strcmp(value, "WHAT"))
		put_services(offer);
	else if (!strcmp(value, "TIME"))
		put_times(offer);
	else if (!strcmp(value, "PATH") || !strcmp(value, "FILE"))
		puts(":file");
	else if (!strcmp(value, "NAME")) {
		put_files_of(offer, "");
		put_files_of(offer, "users");
		put_files_of(offer, "groups");
		put_files_of(offer, "rules.d");
	} else if (!strcmp(value, "ID") && !strcmp(command, "revoke"))
		put_grants(offer);
	else if (!strcmp(value, "ID"))
		put_numbers(offer, PROTOCOL_SESSIONS, NULL, "sessions");
}

/* ---------------------------------------------------------------- where in the command line */

static bool
has_word(int argc, char **argv, const char *word)
{
	int i;

	for (i = 0; i < argc; i++)
		if (!strcmp(argv[i], word))
			return true;
	return false;
}

static void
put_options(struct offer *offer, const char *cursor, int argc, char **argv)
{
	struct command_word word;

	while (command_next_word(&cursor, &word))
		if (word.option && !has_word(argc, argv, word.text))
			put(offer, word.text, NULL);
	put(offer, "--json", NULL);
}

/* argc words behind the command's name. */
static void
put_argument(struct offer *offer, const struct command *command, int argc, char **argv)
{
	const char *after = command->usage + strcspn(command->usage, " "), *cursor;
	struct command_word word;
	int i, position = 0;

	after += strspn(after, " ");
	for (i = 0; i < argc; i++) {
		if (!command_has_option(command->usage, argv[i], &word)) {
			position += strcmp(argv[i], "--json") != 0;
			continue;
		}
		if (!word.value[0])
			continue;
		if (++i == argc) {
			put_value(offer, command->name, word.value);
			return;
		}
	}
	if (offer->typed[0] != '-')
		for (cursor = after; command_next_word(&cursor, &word);)
			if (!word.option && position-- == 0) {
				put_value(offer, command->name, word.text);
				break;
			}
	if (offer->typed[0] == '-' || !offer->n)
		put_options(offer, after, argc, argv);
}

static void
put_commands(struct offer *offer, const struct command *commands, size_t n)
{
	static const char *const options[] = { "-c", "-r", "-S", "-V", "-h", "--json" };
	size_t i;

	for (i = 0; i < n; i++)
		put(offer, commands[i].name, commands[i].help);
	for (i = 0; offer->typed[0] == '-' && i < sizeof(options) / sizeof(options[0]); i++)
		put(offer, options[i], NULL);
}

enum ctl_exit
complete(const struct ctl *ctl, const struct command *commands, size_t n)
{
	struct ctl there = *ctl;
	struct offer offer = { .ctl = &there };
	int i = 1, last = ctl->argc - 1;
	size_t j;

	if (last < 1)
		return CTL_YES;
	offer.typed = ctl->argv[last];
	/* What stands in front of a command is for us as for it. */
	for (; i < last && ctl->argv[i][0] == '-'; i++) {
		const char **folder = !strcmp(ctl->argv[i], "-c")   ? &there.rules
				      : !strcmp(ctl->argv[i], "-r") ? &there.run
				      : !strcmp(ctl->argv[i], "-S") ? &there.state
								    : NULL;

		if (folder && ++i == last) {
			puts(":folder");
			return CTL_YES;
		}
		if (folder)
			*folder = ctl->argv[i];
	}
	if (i == last) {
		put_commands(&offer, commands, n);
		return CTL_YES;
	}
	for (j = 0; j < n; j++)
		if (!strcmp(ctl->argv[i], commands[j].name))
			put_argument(&offer, &commands[j], last - i - 1, ctl->argv + i + 1);
	return CTL_YES;
}
