/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One process that holds PAM sessions of many users, as it is told on standard input:
 *
 *   open NAME SERVICE USER   a new handle, and a session
 *   close NAME               its session, and the handle
 *   end NAME                 the handle without its session
 *   begin NAME SERVICE USER  a new handle, without a session
 *   shut NAME                the session of a handle that stays, whether it has one or not
 *
 * Each command gets one line, "= " and the code that PAM returned; what a module had to say to
 * the user comes before it.
 */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HANDLES 64

struct handle {
	char name[32];
	pam_handle_t *pam;
};

static int
say(int n, const struct pam_message **messages, struct pam_response **responses, void *unused)
{
	(void)unused;
	*responses = calloc((size_t)n, sizeof(**responses));
	if (!*responses)
		return PAM_BUF_ERR;
	for (int i = 0; i < n; i++)
		printf("message %s\n", messages[i]->msg);
	return PAM_SUCCESS;
}

static int
begin(struct handle *handle, const char *service, const char *user)
{
	static const struct pam_conv conversation = { say, NULL };

	return pam_start(service, user, &conversation, &handle->pam);
}

static int
open_session(struct handle *handle, const char *service, const char *user)
{
	int code = begin(handle, service, user);

	if (code != PAM_SUCCESS)
		return code;
	code = pam_open_session(handle->pam, 0);
	if (code != PAM_SUCCESS) {
		pam_end(handle->pam, code);
		handle->pam = NULL;
	}
	return code;
}

static int
close_session(struct handle *handle)
{
	int code = pam_close_session(handle->pam, 0);

	pam_end(handle->pam, code);
	handle->pam = NULL;
	return code;
}

static struct handle *
find(struct handle *handles, const char *name, int is_new)
{
	for (int i = 0; i < HANDLES; i++) {
		if (is_new ? !handles[i].pam : handles[i].pam && !strcmp(handles[i].name, name))
			return &handles[i];
	}
	return NULL;
}

int
main(void)
{
	static struct handle handles[HANDLES];
	char line[256], command[16], name[32], service[64], user[64];

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		int words = sscanf(line, "%15s %31s %63s %63s", command, name, service, user);
		int opening = words == 4 && !strcmp(command, "open");
		int beginning = words == 4 && !strcmp(command, "begin");
		struct handle *handle =
		    words >= 2 ? find(handles, name, opening || beginning) : NULL;

		if (!handle) {
			printf("= ? %s", line);
		} else if (opening) {
			memcpy(handle->name, name, sizeof(name));
			printf("= %d\n", open_session(handle, service, user));
		} else if (beginning) {
			memcpy(handle->name, name, sizeof(name));
			printf("= %d\n", begin(handle, service, user));
		} else if (!strcmp(command, "shut")) {
			printf("= %d\n", pam_close_session(handle->pam, 0));
		} else if (!strcmp(command, "close")) {
			printf("= %d\n", close_session(handle));
		} else if (!strcmp(command, "end")) {
			printf("= %d\n", pam_end(handle->pam, PAM_SUCCESS));
			handle->pam = NULL;
		} else {
			printf("= ? %s", line);
		}
	}
	return 0;
}
