/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/resolvers.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define KEYWORD "nameserver"

/* The address in a line "nameserver ADDRESS", without its zone, or NULL. As in libc the keyword
 * begins the line, and whatever stands behind the address does not count. */
static const char *
find_address(struct arena *arena, const char *line, size_t length, bool *lost)
{
	const size_t keyword = sizeof(KEYWORD) - 1;
	char *copy;

	if (length <= keyword || memcmp(line, KEYWORD, keyword) != 0 ||
	    (line[keyword] != ' ' && line[keyword] != '\t'))
		return NULL;
	copy = arena_string(arena, line + keyword, length - keyword);
	if (!copy) {
		*lost = true;
		return NULL;
	}
	copy += strspn(copy, " \t");
	copy[strcspn(copy, "% \t\r;#")] = '\0';
	return strpbrk(copy, "/-") ? NULL : copy;
}

int
resolvers_parse(struct arena *arena, const char *text, size_t length, struct addresses *addresses)
{
	const char *end = text + length, *stop, *address;
	struct address_range range = { .first = { 0 } };
	enum family family;
	bool lost = false;

	for (; text < end; text = stop + 1) {
		stop = memchr(text, '\n', (size_t)(end - text));
		if (!stop)
			stop = end;
		memset(&range, 0, sizeof(range));
		address = find_address(arena, text, (size_t)(stop - text), &lost);
		if (address && address_parse(address, &family, &range, NULL) == 0 &&
		    addresses_add(arena, addresses, family, &range))
			lost = true;
		if (lost)
			return -ENOMEM;
	}
	addresses_merge(addresses);
	return 0;
}
