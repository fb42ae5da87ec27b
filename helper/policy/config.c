/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/config.h"

#include <string.h>

#include "policy/keys.h"
#include "policy/settings.h"
#include "policy/text.h"

struct entry *
config_entry(struct reader *reader, const char *name, struct mark mark, const struct node *value)
{
	struct entry *entry = arena_new_of(reader->arena, 1, struct entry);

	if (entry) {
		entry->name = name;
		entry->mark = mark;
		entry->value = value;
		entry->policy = WHO_NO_POLICY;
	}
	return entry;
}

static int
section_add(struct reader *reader, struct section *section, const char *what, struct entry *entry)
{
	const struct entry *first;

	if (!entry)
		return -ENOMEM;
	first = names_get(section->names, entry->name);
	if (first)
		return report_error(reader->reporter, entry->mark,
		    "%s '%s' is there twice: already at %s", what, quote(entry->name).text,
		    place(first->mark).text);
	if (section->last)
		section->last->next = entry;
	else
		section->first = entry;
	section->last = entry;
	section->n++;
	return names_put(section->names, entry->name, entry);
}

/* The names of defines and policies are netfence's own, and stand in chains and log lines. */
static int
check_own_name(struct reader *reader, const char *name, struct mark mark, bool address)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char more[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
				   "0123456789-.";

	if (!*name || name[strspn(name, more)] != '\0' || strchr("-.", name[0]))
		return report_error(reader->reporter, mark,
		    "'%s' cannot be a name here: letters, digits, '_', '-' and '.', of which the "
		    "last two do not begin it",
		    quote(name).text);
	if (address && !strchr(letters, name[0]))
		return report_error(reader->reporter, mark,
		    "'%s' cannot be a name for addresses: it must begin with a letter",
		    quote(name).text);
	if (strlen(name) > NAME_MAX_BYTES)
		return report_error(
		    reader->reporter, mark, "a name has at most %d bytes", NAME_MAX_BYTES);
	if (strcmp(name, "any") == 0 || strcmp(name, address ? "resolvers" : "others") == 0)
		return report_error(reader->reporter, mark,
		    "'%s' means something already: take another name", name);
	return 0;
}

/* A user's or group's: whatever getpwnam(3) could know. */
static int
check_account(struct reader *reader, const char *name, struct mark mark)
{
	if (!text_is_line(name) || strpbrk(name, "/:") || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return report_error(reader->reporter, mark,
		    "'%s' cannot be the name of a user or group", quote(name).text);
	if (strlen(name) > NAME_MAX_BYTES)
		return report_error(
		    reader->reporter, mark, "a name has at most %d bytes", NAME_MAX_BYTES);
	return 0;
}

static int
check_user(struct reader *reader, const char *name, struct mark mark)
{
	if (strcmp(name, "root") == 0)
		return report_error(reader->reporter, mark,
		    "root is never fenced: a fence that root can take down is none");
	return check_account(reader, name, mark);
}

/* The value of `define:` and its like: nothing, where all of it has been commented out, or a
 * mapping. */
static int
expect_map(struct reader *reader, const struct node *value, const char *example)
{
	if (value->kind == NODE_MAP || value->kind == NODE_EMPTY)
		return 0;
	reader->open = true;
	return report_error(reader->reporter, value->mark,
	    "%s where a mapping is expected: write %s", node_kind_name(value), example);
}

/* name: what was found about the name. One that cannot be is gathered all the same: what stands
 * there is to be checked, and what refers to it not to be called unknown. */
static int
add_named(struct reader *reader, struct section *section, const char *what,
    const struct node *value, int name)
{
	struct entry *entry = config_entry(reader, value->key->text, value->key->mark, value);

	return worse(name, section_add(reader, section, what, entry));
}

static int
read_version(struct reader *reader, const struct node *value, void *into)
{
	int result;
	const char *text = keys_text(reader, value, "'version: 1'", &result);

	(void)into;
	if (text && strcmp(text, "1") != 0)
		return report_error(reader->reporter, value->mark,
		    "version '%s' of the rules is not known to this netfence: it reads version 1",
		    quote(text).text);
	return result;
}

static int
read_define(struct reader *reader, const struct node *value, void *into)
{
	const struct node *one;
	int result = expect_map(reader, value, "'NAME: ADDRESSES' below it");

	(void)into;
	for (one = value->kind == NODE_MAP ? value->first : NULL; one; one = one->next) {
		result = worse(
		    result, add_named(reader, &reader->define, "the name", one,
				check_own_name(reader, one->key->text, one->key->mark, true)));
	}
	return result;
}

static int
read_policies(struct reader *reader, const struct node *value, void *into)
{
	const struct node *one;
	int result = expect_map(reader, value, "'NAME:' below it, and below that the policy");

	(void)into;
	for (one = value->kind == NODE_MAP ? value->first : NULL; one; one = one->next) {
		result = worse(
		    result, add_named(reader, &reader->named, "the policy", one,
				check_own_name(reader, one->key->text, one->key->mark, false)));
	}
	return result;
}

static int
read_users(struct reader *reader, const struct node *value, void *into)
{
	const struct node *one;
	int result = expect_map(reader, value, "'USER: POLICY' below it");

	(void)into;
	for (one = value->kind == NODE_MAP ? value->first : NULL; one; one = one->next) {
		result = worse(result, add_named(reader, &reader->users, "the user", one,
					   check_user(reader, one->key->text, one->key->mark)));
	}
	return result;
}

static int
read_groups(struct reader *reader, const struct node *value, void *into)
{
	const struct node *one;
	int result = expect_map(reader, value, "'GROUP: POLICY' below it");

	(void)into;
	for (one = value->kind == NODE_MAP ? value->first : NULL; one; one = one->next) {
		result = worse(result, add_named(reader, &reader->groups, "the group", one,
					   check_account(reader, one->key->text, one->key->mark)));
	}
	return result;
}

static int
read_others(struct reader *reader, const struct node *value, void *into)
{
	(void)into;
	if (reader->others)
		return report_error(reader->reporter, value->key->mark,
		    "'others' is there twice: already at %s", place(reader->others->mark).text);
	reader->others = config_entry(reader, "others", value->key->mark, value);
	return reader->others ? 0 : -ENOMEM;
}

static int
add_exempt(struct reader *reader, const struct node *value, void *into)
{
	struct exempt **list = into, *exempt = arena_new_of(reader->arena, 1, struct exempt);
	int result = check_account(reader, value->text, value->mark);

	if (!exempt)
		return -ENOMEM;
	if (result)
		return result;
	*exempt = (struct exempt){ .next = *list, .name = value->text, .mark = value->mark };
	*list = exempt;
	return 0;
}

static int
read_exempt_list(struct reader *reader, const struct node *value, const struct node **first,
    struct exempt **list)
{
	if (*first)
		return report_error(reader->reporter, value->key->mark,
		    "'%s' is there twice under 'exempt': already at %s", value->key->text,
		    place((*first)->key->mark).text);
	*first = value;
	if (value->kind == NODE_EMPTY || (value->kind == NODE_LIST && !value->n))
		return 0;
	return keys_each_text(reader, value, "a list of names, [A, B]", add_exempt, list);
}

static int
read_exempt_users(struct reader *reader, const struct node *value, void *into)
{
	(void)into;
	return read_exempt_list(reader, value, &reader->exempt_users_value, &reader->exempt_users);
}

static int
read_exempt_groups(struct reader *reader, const struct node *value, void *into)
{
	(void)into;
	return read_exempt_list(
	    reader, value, &reader->exempt_groups_value, &reader->exempt_groups);
}

static const struct key exempt_keys[] = {
	{ "users", read_exempt_users, NULL },
	{ "groups", read_exempt_groups, NULL },
	{ "user", NULL, "write 'users'" },
	{ "group", NULL, "write 'groups'" },
	{ NULL, NULL, NULL },
};

static int
read_exempt(struct reader *reader, const struct node *value, void *into)
{
	int result = expect_map(reader, value, "'users: [A, B]' or 'groups: [C]' below it");
	bool strange;

	if (result || value->kind == NODE_EMPTY)
		return result;
	return keys_read(reader, value, exempt_keys, "'exempt'", into, &strange);
}

static int
read_settings(struct reader *reader, const struct node *value, void *into)
{
	(void)into;
	return settings_read(reader, value);
}

#define IN_A_POLICY                                                                          \
	"it belongs to a policy: below a name under 'policies', 'users' or 'groups', or in " \
	"users/NAME.yaml or groups/NAME.yaml"

static const struct key top_keys[] = {
	{ "version", read_version, NULL },
	{ "define", read_define, NULL },
	{ "policies", read_policies, NULL },
	{ "users", read_users, NULL },
	{ "groups", read_groups, NULL },
	{ "others", read_others, NULL },
	{ "exempt", read_exempt, NULL },
	{ "settings", read_settings, NULL },

	{ "defines", NULL, "write 'define'" },
	{ "definitions", NULL, "write 'define'" },
	{ "addresses", NULL, "write 'define'" },
	{ "aliases", NULL, "write 'define'" },
	{ "policy", NULL, "write 'policies'" },
	{ "user", NULL, "write 'users'" },
	{ "group", NULL, "write 'groups'" },
	{ "other", NULL, "write 'others'" },
	{ "everyone", NULL, "write 'others'" },
	{ "exclude", NULL, "write 'exempt'" },
	{ "except", NULL, "write 'exempt'" },
	{ "egress", NULL, IN_A_POLICY },
	{ "default", NULL, IN_A_POLICY },
	{ "serve", NULL, IN_A_POLICY },
	{ "loopback", NULL, IN_A_POLICY },
	{ "message", NULL, IN_A_POLICY },
	{ "log", NULL, IN_A_POLICY },
	{ "mode", NULL, IN_A_POLICY },
	{ "on-logout", NULL, IN_A_POLICY },
	{ "always", NULL, IN_A_POLICY },
	{ "max-session", NULL, IN_A_POLICY },
	{ "on-expiry", NULL, IN_A_POLICY },
	{ "precedence", NULL, IN_A_POLICY },
	{ "tests", NULL, IN_A_POLICY },
	{ "setting", NULL, "write 'settings'" },
	{ "options", NULL, "write 'settings'" },
	{ "engine", NULL, "it stands below 'settings:'" },
	{ "nflog-group", NULL, "it stands below 'settings:'" },
	{ "self-service", NULL, "it stands below 'settings:'" },
	{ NULL, NULL, NULL },
};

/* Whether a key that is none may have been meant to bring names, so that what asks for a name may
 * well be right. */
static bool
may_bring_names(const char *text)
{
	struct nearest nearest = { .wanted = text };
	const struct key *key;

	for (key = top_keys; key->name; key++) {
		if (strcmp(key->name, text) == 0)
			return key->mend && (strcmp(key->mend, "write 'define'") == 0 ||
						strcmp(key->mend, "write 'policies'") == 0);
		if (key->read)
			nearest_offer(&nearest, key->name);
	}
	return !nearest.best || strcmp(nearest.best, "define") == 0 ||
	       strcmp(nearest.best, "policies") == 0;
}

static int
add_top(struct reader *reader, const struct source *source, const struct node *root, bool spoilt)
{
	const struct node *value;
	bool strange;
	int result;

	if (!root) {
		reader->open |= spoilt;
		return 0;
	}
	if (root->kind != NODE_MAP) {
		reader->open = true;
		return report_error(reader->reporter, root->mark,
		    "%s where a mapping is expected: '%s' begins with keys such as 'users:'",
		    node_kind_name(root), source->as);
	}
	result = keys_read(reader, root, top_keys, "the rules' top level", NULL, &strange);
	if (root->cut || root->doubled)
		reader->open = true;
	for (value = root->first; strange && value; value = value->next)
		reader->open |= may_bring_names(value->key->text);
	return result;
}

/* users/alice.yaml holds what would stand below `users: alice:`. */
static int
add_account(struct reader *reader, const struct source *source, const struct node *root,
    bool spoilt, struct section *section, const char *what,
    int (*check)(struct reader *, const char *, struct mark))
{
	const char *base = strchr(source->as, '/') + 1;
	struct mark whole = { .source = source };
	size_t length = strlen(base) - strlen(".yaml");
	const char *name = arena_string(reader->arena, base, length);
	struct entry *entry;
	int result;

	if (!name)
		return -ENOMEM;
	if (!text_is_clean(name, length))
		return report_error(reader->reporter, whole,
		    "a file's name here is the name of a user or group, in UTF-8 and without "
		    "control characters");
	result = check(reader, name, whole);
	if (!root && !spoilt)
		result = worse(result, report_error(reader->reporter, whole,
					   "the file is empty: write a policy's name, or 'egress: "
					   "[]' to allow nothing"));
	entry = config_entry(reader, name, whole, root);
	if (entry && !root)
		entry->progress = PROGRESS_BAD;
	return worse(result, section_add(reader, section, what, entry));
}

int
config_add(struct reader *reader, const struct source *source, const struct node *root, bool spoilt)
{
	if (strncmp(source->as, "users/", 6) == 0)
		return add_account(
		    reader, source, root, spoilt, &reader->users, "the user", check_user);
	if (strncmp(source->as, "groups/", 7) == 0)
		return add_account(
		    reader, source, root, spoilt, &reader->groups, "the group", check_account);
	return add_top(reader, source, root, spoilt);
}
