/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/settings.h"

#include "policy/amount.h"
#include "policy/keys.h"

#define NFLOG_GROUP_DEFAULT 5

struct settings
settings_default(void)
{
	return (struct settings){
		.engine = SETTINGS_ENGINE_AUTO,
		.nflog_group = NFLOG_GROUP_DEFAULT,
		.self_service = true,
	};
}

/* The same key may stand in another file already. */
static int
check_first(struct reader *reader, const struct node *value, const struct node **first)
{
	if (*first)
		return report_error(reader->reporter, value->key->mark,
		    "'%s' is there twice under 'settings': already at %s", value->key->text,
		    place((*first)->key->mark).text);
	*first = value;
	return 0;
}

static int
read_engine(struct reader *reader, const struct node *value, void *into)
{
	static const struct choice choices[] = {
		{ "auto", SETTINGS_ENGINE_AUTO, NULL },
		{ "iptables", SETTINGS_ENGINE_IPTABLES, NULL },
		{ "nftables", SETTINGS_ENGINE_NFTABLES, NULL },
		{ "nft", 0, "'nftables'" },
		{ "iptables-legacy", 0, "'iptables'" },
		{ "iptables-nft", 0, "'nftables'" },
		{ NULL, 0, NULL },
	};
	int engine = SETTINGS_ENGINE_AUTO;
	int result = check_first(reader, value, &reader->settings_values[0]);

	(void)into;
	result = worse(result, keys_choose(reader, value, choices, &engine));
	if (!result)
		reader->settings.engine = (enum settings_engine)engine;
	return result;
}

static int
read_nflog_group(struct reader *reader, const struct node *value, void *into)
{
	int result = check_first(reader, value, &reader->settings_values[1]), one;
	const char *text = keys_text(reader, value, "a number from 0 to 65535", &one);
	long number = NFLOG_GROUP_DEFAULT;
	struct why why;

	(void)into;
	if (text && amount_number(text, 0, UINT16_MAX, &number, &why))
		one = report_error(reader->reporter, value->mark, "%s", why.text);
	reader->settings.nflog_group = (uint16_t)number;
	return worse(result, one);
}

static int
read_self_service(struct reader *reader, const struct node *value, void *into)
{
	int result = check_first(reader, value, &reader->settings_values[2]);

	(void)into;
	return worse(result, keys_bool(reader, value, &reader->settings.self_service));
}

static const struct key settings_keys[] = {
	{ "engine", read_engine, NULL },
	{ "nflog-group", read_nflog_group, NULL },
	{ "self-service", read_self_service, NULL },
	{ "backend", NULL, "write 'engine'" },
	{ "nflog", NULL, "write 'nflog-group'" },
	{ "log", NULL, "it belongs to a policy; the group is 'nflog-group'" },
	{ "timeout", NULL, "it is an option of pam_netfence.so" },
	{ "onerr", NULL, "it is an option of pam_netfence.so" },
	{ "socket", NULL, "it is an option of pam_netfence.so" },
	{ "admin_group", NULL, "it is an option of pam_netfence.so" },
	{ NULL, NULL, NULL },
};

int
settings_read(struct reader *reader, const struct node *value)
{
	bool strange;

	if (value->kind == NODE_EMPTY)
		return 0;
	if (value->kind != NODE_MAP)
		return report_error(reader->reporter, value->mark,
		    "%s where a mapping is expected: write 'engine: auto' or the like below it",
		    node_kind_name(value));
	return keys_read(reader, value, settings_keys, "'settings'", NULL, &strange);
}
