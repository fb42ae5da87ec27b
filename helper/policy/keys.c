/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/keys.h"

#include <string.h>

#include "policy/text.h"

static int
unknown(struct reader *reader, const struct node *key, const struct key *keys, const char *what)
{
	struct nearest nearest = { .wanted = key->text };

	for (; keys->name; keys++) {
		if (keys->read)
			nearest_offer(&nearest, keys->name);
	}
	if (nearest.best)
		return report_error(reader->reporter, key->mark,
		    "'%s' is not a key of %s: did you mean '%s'?", quote(key->text).text, what,
		    nearest.best);
	return report_error(
	    reader->reporter, key->mark, "'%s' is not a key of %s", quote(key->text).text, what);
}

/* A key without a function of its own. */
static int
refuse(struct reader *reader, const struct node *value, const struct key *key,
    const struct key *keys, const char *what)
{
	const struct node *name = value->key;

	/* `<<: *name`: the alias has been refused already. */
	if (value->kind == NODE_BAD && strcmp(name->text, "<<") == 0)
		return -EINVAL;
	if (!key->name)
		return unknown(reader, name, keys, what);
	if (key->mend)
		return report_error(reader->reporter, name->mark, "'%s' is not a key of %s: %s",
		    name->text, what, key->mend);
	return report_error(reader->reporter, name->mark,
	    "'%s' is not supported by this version of netfence", name->text);
}

int
keys_read(struct reader *reader, const struct node *map, const struct key *keys, const char *what,
    void *into, bool *strange)
{
	const struct node *value;
	const struct key *key;
	int result = 0;

	*strange = false;
	for (value = map->first; value; value = value->next) {
		for (key = keys; key->name && strcmp(key->name, value->key->text) != 0; key++)
			;
		if (!key->name || !key->read) {
			*strange = true;
			result = worse(result, refuse(reader, value, key, keys, what));
		} else if (value->kind == NODE_BAD) {
			result = worse(result, -EINVAL);
		} else {
			result = worse(result, key->read(reader, value, into));
		}
	}
	return result;
}

int
keys_each_text(struct reader *reader, const struct node *value, const char *example,
    key_reader *each, void *into)
{
	const struct node *one;
	int result = 0;

	switch (value->kind) {
	case NODE_TEXT:
		return each(reader, value, into);
	case NODE_EMPTY:
		return report_error(reader->reporter, value->mark, "'%s' has no value: write %s",
		    quote(value->key->text).text, example);
	case NODE_LIST:
		break;
	case NODE_MAP:
		return report_error(reader->reporter, value->mark,
		    "%s where text or a list of texts is expected: write %s", node_kind_name(value),
		    example);
	case NODE_BAD:
		return -EINVAL;
	}
	if (!value->n && !value->cut)
		return report_error(
		    reader->reporter, value->mark, "an empty list: write %s", example);
	for (one = value->first; one; one = one->next) {
		if (one->kind == NODE_TEXT)
			result = worse(result, each(reader, one, into));
		else if (one->kind == NODE_BAD)
			result = worse(result, -EINVAL);
		else
			result = worse(result,
			    report_error(reader->reporter, one->mark,
				"%s in a list of texts: write %s", node_kind_name(one), example));
	}
	return value->cut ? worse(result, -EINVAL) : result;
}

int
keys_choose(
    struct reader *reader, const struct node *value, const struct choice *choices, int *chosen)
{
	const struct choice *choice;
	struct nearest nearest = { .wanted = "" };
	char names[128] = "";
	size_t used = 0;
	int result = 0;

	for (choice = choices; choice->name; choice++) {
		if (!choice->mend && used < sizeof(names) - 32)
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s'%s'",
			    used ? ", " : "", choice->name);
	}
	nearest.wanted = keys_text(reader, value, names, &result);
	if (!nearest.wanted)
		return result;
	for (choice = choices; choice->name; choice++) {
		if (strcmp(choice->name, nearest.wanted) == 0)
			break;
		if (!choice->mend)
			nearest_offer(&nearest, choice->name);
	}
	if (choice->name && !choice->mend) {
		*chosen = choice->value;
		return 0;
	}
	if (choice->name)
		return report_error(reader->reporter, value->mark,
		    "'%s' is not known here: write %s", choice->name, choice->mend);
	if (nearest.best)
		return report_error(reader->reporter, value->mark,
		    "'%s' is not known here: did you mean '%s'?", quote(nearest.wanted).text,
		    nearest.best);
	return report_error(
	    reader->reporter, value->mark, "'%s' is none of %s", quote(nearest.wanted).text, names);
}

int
keys_bool(struct reader *reader, const struct node *value, bool *flag)
{
	static const struct choice choices[] = {
		{ "true", 1, NULL },
		{ "false", 0, NULL },
		{ "yes", 0, "'true'" },
		{ "on", 0, "'true'" },
		{ "1", 0, "'true'" },
		{ "no", 0, "'false'" },
		{ "off", 0, "'false'" },
		{ "0", 0, "'false'" },
		{ NULL, 0, NULL },
	};
	int chosen = *flag;
	int result = keys_choose(reader, value, choices, &chosen);

	*flag = chosen != 0;
	return result;
}

const char *
keys_text(struct reader *reader, const struct node *value, const char *example, int *result)
{
	*result = 0;
	if (value->kind == NODE_EMPTY)
		*result = report_error(reader->reporter, value->mark, "'%s' has no value: write %s",
		    quote(value->key->text).text, example);
	else if (value->kind != NODE_TEXT)
		*result = report_error(reader->reporter, value->mark,
		    "%s where text is expected: write %s", node_kind_name(value), example);
	else if (!text_is_line(value->text))
		*result = report_error(reader->reporter, value->mark,
		    "an empty text, more than a line, or blanks at an end of it: write %s",
		    example);
	return *result ? NULL : value->text;
}
