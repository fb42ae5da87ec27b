/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"

/* UINT32_MAX: nobody's login, or there is no audit. */
static uint32_t
login_uid(void)
{
	FILE *file = fopen("/proc/self/loginuid", "re");
	uint32_t uid = UINT32_MAX;

	if (!file)
		return uid;
	if (fscanf(file, "%" SCNu32, &uid) != 1)
		uid = UINT32_MAX;
	fclose(file);
	return uid;
}

char *
ctl_claim(void)
{
	const uint32_t uid = login_uid();
	const struct passwd *account = uid == UINT32_MAX ? NULL : getpwuid((uid_t)uid);
	const char *sudo = getenv("SUDO_USER");

	if (!account && sudo && sudo[0] && strlen(sudo) <= PROTOCOL_NAME_MAX)
		return strdup(sudo);
	if (!account)
		account = getpwuid(getuid());
	return account ? strdup(account->pw_name) : NULL;
}
