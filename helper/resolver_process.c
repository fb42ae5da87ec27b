/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/identity.h"
#include "identity/subuid.h"
#include "log.h"
#include "resolver.h"
#include "resolver_wire.h"
#include "wire/client.h"

static void
put_resolved(struct wire_out *out, enum resolver_result result, const struct open_request *request)
{
	struct wire_out part = { 0 };

	open_request_put(&part, request);
	wire_put_u8(out, (uint8_t)result);
	wire_put_part(out, &part);
	wire_out_free(&part);
}

static void
put_unresolved(struct wire_out *out, const char *user, enum resolver_result result)
{
	const struct open_request request = { .user = (char *)(uintptr_t)user };

	put_resolved(out, result, &request);
}

/* "#1001" is whoever has that uid. */
static const char *
name_of(const char *user)
{
	const struct passwd *account;

	if (user[0] != '#')
		return user;
	account = getpwuid((uid_t)strtoul(user + 1, NULL, 10));
	return account ? account->pw_name : user;
}

/* Groups that are known of a user. */
struct known {
	char **groups;
	uint32_t n;
};

static void
known_get(struct wire_in *in, struct known *known)
{
	uint32_t n = wire_get_count(in, PROTOCOL_GROUPS_MAX, sizeof(uint32_t));

	known->n = 0;
	known->groups = calloc((size_t)n + 1, sizeof(*known->groups));
	if (!known->groups)
		in->failed = true;
	while (known->groups && known->n < n) {
		known->groups[known->n] = wire_get_string(in, PROTOCOL_NAME_MAX);
		if (!known->groups[known->n])
			break;
		known->n++;
	}
}

static void
known_free(struct known *known)
{
	while (known->n)
		free(known->groups[--known->n]);
	free(known->groups);
}

static bool
is_member(const struct identity *identity, const char *group)
{
	uint32_t i;

	for (i = 0; i < identity->n_groups; i++)
		if (!strcmp(identity->groups[i], group))
			return true;
	return false;
}

/* A directory that does not answer makes groups vanish: then what was known of them stands. */
static int
keep_known(struct identity *identity, const struct known *known)
{
	char **grown, *group;
	uint32_t i;

	for (i = 0; i < known->n; i++) {
		if (is_member(identity, known->groups[i]) ||
		    identity_has_lost(identity, known->groups[i]))
			continue;
		group = strdup(known->groups[i]);
		grown = reallocarray(
		    identity->groups, identity->n_groups + 1, sizeof(*identity->groups));
		if (grown)
			identity->groups = grown;
		if (!group || !grown) {
			free(group);
			return -ENOMEM;
		}
		grown[identity->n_groups++] = group;
	}
	return 0;
}

static void
put_user(struct wire_out *out, const char *asked, const struct known *known)
{
	cleanup_free char *user = strdup(name_of(asked));
	struct identity identity;
	struct subuids subuids;
	struct open_request request = { 0 };
	struct why why = { "" }, flaw = { "" };
	int result = user ? identity_find(user, &identity, &why) : -ENOMEM;

	if (!user) {
		put_unresolved(out, asked, RESOLVER_FAILED);
		return;
	}
	if (result == 0)
		result = identity_find_groups(&identity, &why);
	if (result == 0)
		result = keep_known(&identity, known);
	if (result < 0) {
		put_unresolved(out, user, result == -ESRCH ? RESOLVER_UNKNOWN : RESOLVER_FAILED);
		identity_clear(&identity);
		return;
	}
	if (subuid_find(identity.name, identity.uid, &subuids, &flaw) < 0)
		subuids.n = 0;
	else
		flaw.text[0] = '\0';
	request.uid = identity.uid;
	request.gid = identity.gid;
	request.user = identity.name;
	request.n_groups = identity.n_groups;
	request.groups = identity.groups;
	request.n_ranges = subuids.n;
	request.ranges = subuids.ranges;
	request.flaw = flaw.text;
	put_resolved(out, RESOLVER_FOUND, &request);
	identity_clear(&identity);
}

/* Members by the group's own list, and those whose primary group it is, as far as the accounts
 * can be enumerated: a directory need not allow that. Who is left out for want of memory is not one
 * who is no member. */
static uint32_t
put_members(struct wire_out *out, const char *name, bool *complete)
{
	static const struct known nothing = { NULL, 0 };
	const struct group *group = getgrnam(name);
	const struct passwd *account;
	uint32_t n = 0, i, n_names = 0;
	char **names = NULL, **member, **grown;
	gid_t gid;

	/* With its backend away, the name service says the same as of a group that is not there. */
	if (!group) {
		*complete = false;
		return 0;
	}
	gid = group->gr_gid;
	/* Looking up a member overwrites what getgrnam() gave. */
	for (member = group->gr_mem; *member; member++, n_names++) {
		grown = reallocarray(names, n_names + 1, sizeof(*names));
		if (!grown)
			break;
		names = grown;
		names[n_names] = strdup(*member);
	}
	*complete &= !*member;
	setpwent();
	while ((account = getpwent())) {
		if (account->pw_gid != gid)
			continue;
		grown = reallocarray(names, n_names + 1, sizeof(*names));
		if (!grown)
			break;
		names = grown;
		names[n_names++] = strdup(account->pw_name);
	}
	*complete &= !account;
	endpwent();
	for (i = 0; i < n_names; i++) {
		if (names[i]) {
			put_user(out, names[i], &nothing);
			n++;
		}
		*complete &= names[i] != NULL;
		free(names[i]);
	}
	free(names);
	return n;
}

static int
answer(int sock, struct wire_in *in)
{
	struct wire_out whole = { 0 }, list = { 0 };
	uint32_t n, i, total = 0;
	struct known known;
	bool complete = true;
	int result;

	n = wire_get_count(in, RESOLVER_NAMES_MAX, sizeof(uint32_t));
	for (i = 0; i < n; i++, total++) {
		cleanup_free char *name = wire_get_string(in, PROTOCOL_NAME_MAX);

		known_get(in, &known);
		if (name && !in->failed)
			put_user(&list, name, &known);
		known_free(&known);
	}
	n = wire_get_count(in, RESOLVER_NAMES_MAX, sizeof(uint32_t));
	for (i = 0; i < n; i++) {
		cleanup_free char *name = wire_get_string(in, PROTOCOL_NAME_MAX);

		if (name)
			total += put_members(&list, name, &complete);
	}
	if (!wire_in_done(in)) {
		wire_out_free(&list);
		return -EPROTO;
	}
	wire_put_u8(&whole, complete);
	wire_put_u32(&whole, total);
	wire_put_bytes(&whole, list.data, list.used);
	whole.failed |= list.failed;
	result = wire_send(sock, (enum protocol_operation)RESOLVER_LIST, &whole, INT64_MAX, NULL);
	wire_out_free(&list);
	wire_out_free(&whole);
	return result;
}

void
resolver_process(int sock)
{
	int result = 0;

	while (result == 0) {
		cleanup_free uint8_t *payload = NULL;
		struct protocol_header header;
		struct wire_in in;

		result = wire_receive(sock, &header, &payload, INT64_MAX, NULL);
		if (result < 0)
			break;
		in = (struct wire_in){ .data = payload, .left = header.length };
		result = header.operation == RESOLVER_ASK ? answer(sock, &in) : -EPROTO;
	}
	if (result != -ECONNRESET)
		log_line(LOG_ERR, "resolver: %s", strerrordesc_np(-result));
}
