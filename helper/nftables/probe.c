/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/probe.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "nftables/declaration.h"
#include "nftables/elements.h"
#include "nftables/expression.h"

/* Nobody has a chain of that name, and there is none: what is to be taken out of it cannot be, and
 * so nothing of the batch comes into force. */
#define CHAIN   LABEL_BASE ".probe"
#define MISSING LABEL_BASE ".none"

enum part {
	PART_SETS,
	PART_REST,
	PART_CT,
	PART_FIB,
	PART_LIMIT,
	PART_EXTHDR,
	PART_REJECT,
	PART_LOG,
	PARTS
};

static const char *const names[PARTS] = {
	[PART_SETS] = "maps and sets of ranges",
	[PART_REST] = "elements for all other keys (Linux 5.13)",
	[PART_CT] = "ct",
	[PART_FIB] = "fib",
	[PART_LIMIT] = "limit",
	[PART_EXTHDR] = "exthdr",
	[PART_REJECT] = "reject",
	[PART_LOG] = "log",
};

/* parts: which one each message is about, from the sequence number `first` on. */
struct probing {
	struct link *link;
	struct bytes batch;
	uint32_t first;
	uint32_t n;
	enum part parts[32];
	int missing[PARTS]; /* the errno, or 0 */
	int error;          /* another one, of the batch as a whole */
};

static size_t
begin(struct probing *probing, uint16_t type, enum part part)
{
	probing->parts[probing->n++] = part;
	return bytes_begin_message(&probing->batch, type,
	    type == NFT_MSG_DELCHAIN ? 0 : NLM_F_CREATE, ++probing->link->sequence);
}

static void
put_set(struct probing *probing, const char *name, enum nset_kind kind, enum part part)
{
	const struct label chain = label_of(CHAIN), label = label_part(&chain, name);
	size_t message = begin(probing, NFT_MSG_NEWSET, part);

	declaration_put_set(&probing->batch, &label, kind, probing->n);
	bytes_end_message(&probing->batch, message);
}

static void
put_rest(struct probing *probing, const char *name)
{
	const struct label chain = label_of(CHAIN), label = label_part(&chain, name);
	struct change change = { .batch = &probing->batch, .sequence = &probing->link->sequence };
	struct elements elements = {
		.change = &change, .set = label.text, .type = NFT_MSG_NEWSETELEM
	};

	probing->parts[probing->n++] = PART_REST;
	elements_put_rest(&elements, CHAIN);
	elements_end(&elements);
}

static void
put_chain(struct probing *probing, uint16_t type, const char *name)
{
	const struct label label = label_of(name);
	size_t message = begin(probing, type, PARTS);

	declaration_put_chain(&probing->batch, &label, false);
	bytes_end_message(&probing->batch, message);
}

static void
put_rule(struct probing *probing, const struct nrule *rule, enum part part)
{
	size_t message = begin(probing, NFT_MSG_NEWRULE, part);

	bytes_put_text(&probing->batch, NFTA_RULE_TABLE, LABEL_TABLE);
	bytes_put_text(&probing->batch, NFTA_RULE_CHAIN, CHAIN);
	expression_put_rule(&probing->batch, rule);
	bytes_end_message(&probing->batch, message);
}

static void
put_rules(struct probing *probing)
{
	struct nrule rule = nrule_any(NRULE_ACCEPT);

	rule.reply = true;
	put_rule(probing, &rule, PART_CT);
	rule = nrule_any(NRULE_ACCEPT);
	rule.local = true;
	put_rule(probing, &rule, PART_FIB);
	rule = nrule_any(NRULE_ACCEPT);
	rule.over = (struct limit){ 1, 1 };
	put_rule(probing, &rule, PART_LIMIT);
	rule = nrule_any(NRULE_ACCEPT);
	rule.family = FAMILY_IPV6;
	rule.routing = true;
	put_rule(probing, &rule, PART_EXTHDR);
	rule = nrule_any(NRULE_REJECT);
	put_rule(probing, &rule, PART_REJECT);
	rule = nrule_any(NRULE_LOG);
	rule.family = FAMILY_IPV4;
	rule.log_limits = label_of(CHAIN);
	rule.log_group = 1;
	snprintf(rule.log_mark, sizeof(rule.log_mark), CHAIN);
	put_rule(probing, &rule, PART_LOG);
}

static void
put_all(struct probing *probing)
{
	const struct label chain = label_of(CHAIN), limit = label_part(&chain, "log");
	size_t message = begin(probing, NFT_MSG_NEWTABLE, PARTS);

	declaration_put_table(&probing->batch);
	bytes_end_message(&probing->batch, message);
	put_chain(probing, NFT_MSG_NEWCHAIN, CHAIN);
	put_set(probing, "users", NSET_USERS, PART_SETS);
	put_rest(probing, "users");
	put_set(probing, "ranges", NSET_RANGES, PART_SETS);
	put_set(probing, "ports", NSET_PORTS, PART_SETS);
	put_set(probing, "ipv4", NSET_IPV4, PART_SETS);
	put_set(probing, "ipv6", NSET_IPV6, PART_SETS);
	put_set(probing, "log4", NSET_LOG4, PART_LOG);
	message = begin(probing, NFT_MSG_NEWOBJ, PART_LOG);
	declaration_put_limit(&probing->batch, &limit);
	bytes_end_message(&probing->batch, message);
	put_rules(probing);
	put_chain(probing, NFT_MSG_DELCHAIN, MISSING);
}

static void
note(const struct nlmsghdr *message, int error, void *data)
{
	struct probing *probing = data;
	const uint32_t number = message->nlmsg_seq - probing->first;
	enum part part = number < probing->n ? probing->parts[number] : PARTS;

	if (part != PARTS)
		probing->missing[part] = error;
	/* The last one is to be refused, and only that one. */
	else if (number != probing->n - 1 || error != -ENOENT)
		probing->error = error;
}

int
probe(struct link *link, bool *log, struct why *why)
{
	struct probing probing = { .link = link };
	struct why ignored;
	char missing[160] = "";
	size_t used = 0;
	enum part part;
	int error;

	link_begin(link, &probing.batch, 0);
	probing.first = link->sequence + 1;
	put_all(&probing);
	error = link_commit(link, &probing.batch, note, &probing, &ignored);
	bytes_free(&probing.batch);
	if (error == -EPERM)
		return why_set(why, EPERM, "nftables need CAP_NET_ADMIN");
	if (!error)
		return why_set(why, EPROTO, "nftables: a batch that has to fail did not");
	*log = !probing.missing[PART_LOG];
	for (part = 0; part < PARTS; part++)
		if (probing.missing[part] && part != PART_LOG)
			used += (size_t)snprintf(missing + used, sizeof(missing) - used, "%s %s",
			    used ? "," : "", names[part]);
	if (used)
		return why_set(why, EOPNOTSUPP, "the kernel's nftables lack%s", missing);
	if (probing.error)
		return why_set(why, -probing.error, "%s", ignored.text);
	return 0;
}
