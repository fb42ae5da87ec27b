/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/table.h"

#include <errno.h>
#include <unistd.h>

#include "iptables/held.h"

/* Commits that are tried when the table's size has changed since it was read, or at once after. */
#define TRIES 5

int
table_open(enum family family, struct table *table, struct why *why)
{
	uint32_t n_entries, size;
	int error;

	*table = (struct table){ .read.family = family, .composed.table.family = family };
	error = xtable_socket(family, &table->fd, why);
	if (error)
		return error;
	error = xtable_count(table->fd, family, &n_entries, &size, why);
	if (error)
		table_close(table);
	return error;
}

void
table_close(struct table *table)
{
	if (table->fd >= 0)
		close(table->fd);
	table->fd = -1;
	xtable_free(&table->read);
	compose_free(&table->composed);
}

/* The table as it is, and what it ought to be. */
static int
look(struct table *table, const struct layout *layout, struct why *why)
{
	int error;

	table->right = false;
	error = xtable_read(table->fd, &table->read, why);
	if (!error)
		error = xtable_find_chains(&table->read, why);
	if (!error)
		error = compose(&table->read, layout, &table->composed, why);
	if (!error)
		table->right = !table->composed.differs;
	return error;
}

/*
 * After a commit. Whoever writes the table without the lock, having read it before, puts it back
 * as it was; mostly that shows in its size, and then another look tells whether ours is in it. The
 * next verify sees the rest.
 */
static int
still_there(struct table *table, struct why *why)
{
	const struct xtable *wanted = &table->composed.table;
	uint32_t n_entries, size;
	int error = xtable_count(table->fd, wanted->family, &n_entries, &size, why);

	if (!error && (n_entries != wanted->n_entries || size != wanted->size))
		error = why_set(
		    why, EAGAIN, "the table was changed again at once, past the xtables lock");
	return error;
}

/*
 * The kernel refuses a table only when the number of its entries has changed since it was read
 * (EAGAIN): the lock is what keeps writers apart.
 */
int
table_apply(
    struct table *table, const struct layout *layout, unsigned int *commits, struct why *why)
{
	int error = -EAGAIN, i;

	for (i = 0; i < TRIES && error == -EAGAIN; i++) {
		error = look(table, layout, why);
		if (error || table->right)
			return error;
		error = xtable_write(table->fd, &table->composed.table, table->read.n_entries,
		    table->composed.from, why);
		if (!error) {
			++*commits;
			error = still_there(table, why);
		}
	}
	if (error == -EINVAL && why)
		compose_blame(&table->read, why);
	table->right = !error;
	return error;
}

/* Mostly nothing at all has changed since it was right, and comparing bytes says so. */
int
table_verify(struct table *table, const struct layout *layout, struct why *why)
{
	int error;

	if (table->right) {
		error = xtable_read(table->fd, &table->read, why);
		if (error)
			return error;
		if (xtable_same(&table->read, &table->composed.table))
			return 0;
	}
	error = look(table, layout, why);
	if (error)
		return error;
	return table->right ? 0 : why_set(why, EUCLEAN, "%s", table->composed.first.text);
}

int
table_held(struct table *table, struct plan *plan, struct why *why)
{
	int error;

	table->right = false;
	error = xtable_read(table->fd, &table->read, why);
	if (!error)
		error = xtable_find_chains(&table->read, why);
	if (!error)
		held_find(&table->read, plan);
	return error;
}
