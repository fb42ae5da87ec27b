/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PAM application, whose only session module is the one under test.
 */
#ifndef NETFENCE_TESTS_PAM_APP_H
#define NETFENCE_TESTS_PAM_APP_H

#include <security/pam_appl.h>

#include "world.h"

struct app {
	pam_handle_t *pamh;
	struct pam_conv conv;
	unsigned int infos;
	unsigned int errors;
	char said[4096]; /* the last message */
};

static inline int
app_converse(
    int n, const struct pam_message **messages, struct pam_response **responses, void *given)
{
	struct app *app = given;
	int i;

	for (i = 0; i < n; i++) {
		must(messages[i]->msg_style == PAM_TEXT_INFO ||
		     messages[i]->msg_style == PAM_ERROR_MSG);
		app->infos += messages[i]->msg_style == PAM_TEXT_INFO;
		app->errors += messages[i]->msg_style == PAM_ERROR_MSG;
		snprintf(app->said, sizeof(app->said), "%s", messages[i]->msg);
	}
	*responses = calloc((size_t)n, sizeof(**responses));
	return *responses ? PAM_SUCCESS : PAM_BUF_ERR;
}

/* options: behind the socket, which is always given. */
static inline void
app_start(struct app *app, const char *user, const char *options)
{
	char line[8192];

	memset(app, 0, sizeof(*app));
	app->conv = (struct pam_conv){ app_converse, app };
	/* What is not success ends the stack at once with the module's own code. */
	snprintf(line, sizeof(line), "session [success=ok default=die] %s socket=%s %s\n",
	    world.module, world.socket, options);
	world_write("/etc/pam.d/tested", line);
	must(
	    pam_start_confdir("tested", user, &app->conv, "/etc/pam.d", &app->pamh) == PAM_SUCCESS);
}

/* libpam does not hand PAM_IGNORE to an application; alone in a stack it makes that fail with
 * this, which the module never returns. */
static inline int
app_code(int code)
{
	return code == PAM_PERM_DENIED ? PAM_IGNORE : code;
}

static inline int
app_open(struct app *app, int flags)
{
	return app_code(pam_open_session(app->pamh, flags));
}

static inline int
app_close(struct app *app)
{
	return app_code(pam_close_session(app->pamh, 0));
}

static inline void
app_end(struct app *app)
{
	must(pam_end(app->pamh, PAM_SUCCESS) == PAM_SUCCESS);
}

/* Everything at once, for what is not kept. */
static inline int
app_try(struct app *app, const char *user, const char *options, int flags)
{
	int code;

	app_start(app, user, options);
	code = app_open(app, flags);
	app_end(app);
	return code;
}

#endif
