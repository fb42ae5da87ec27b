/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/listed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* There are six tables that a kernel may have: filter, nat, mangle, raw, security, broute. */
#define LIST_MAX 256

int
listed_open(enum family family)
{
	return open(
	    family == FAMILY_IPV4 ? "/proc/net/ip_tables_names" : "/proc/net/ip6_tables_names",
	    O_RDONLY | O_CLOEXEC);
}

bool
listed_filter(int fd)
{
	char list[LIST_MAX] = "\n";
	ssize_t length;

	if (fd < 0)
		return false;
	length = pread(fd, list + 1, sizeof(list) - 2, 0);
	return length < 0 || strstr(list, "\nfilter\n");
}
