/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * churn [-h] SERVICE WORKERS COUNT STAY USER ...
 *
 * Opens and closes PAM sessions of the users, in turn, WORKERS at a time, each worker STAY
 * sessions at once, until COUNT have been asked for (0: until TERM). With -h the last ones are
 * held, after a line "holding", until TERM. At the end a line tells how it went: "opened N refused
 * N unclosed N code N", the last being what the latest refusal was told.
 */
#include <errno.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STAY_MAX 256

struct tally {
	atomic_uint asked;
	atomic_uint opened;
	atomic_uint refused;
	atomic_uint unclosed;
	atomic_int code;
	atomic_bool over; /* enough have been asked for */
	atomic_bool told; /* TERM */
	atomic_uint holding;
};

static struct tally *tally;

static void
end(int number)
{
	(void)number;
	atomic_store(&tally->over, true);
	atomic_store(&tally->told, true);
}

static int
say(int n, const struct pam_message **messages, struct pam_response **responses, void *unused)
{
	(void)messages;
	(void)unused;
	*responses = calloc((size_t)n, sizeof(**responses));
	return *responses ? PAM_SUCCESS : PAM_BUF_ERR;
}

static pam_handle_t *
begin_session(const char *service, const char *user)
{
	static const struct pam_conv conversation = { say, NULL };
	pam_handle_t *pam;
	int code = pam_start(service, user, &conversation, &pam);

	if (code == PAM_SUCCESS) {
		code = pam_open_session(pam, 0);
		if (code == PAM_SUCCESS) {
			atomic_fetch_add(&tally->opened, 1);
			return pam;
		}
		pam_end(pam, code);
	}
	atomic_store(&tally->code, code);
	atomic_fetch_add(&tally->refused, 1);
	return NULL;
}

static void
end_session(pam_handle_t *pam)
{
	int code = pam_close_session(pam, 0);

	if (code != PAM_SUCCESS)
		atomic_fetch_add(&tally->unclosed, 1);
	pam_end(pam, code);
}

static void
hold(unsigned int workers)
{
	if (atomic_fetch_add(&tally->holding, 1) + 1 == workers) {
		puts("holding");
		fflush(stdout);
	}
	while (!atomic_load(&tally->told))
		usleep(10000);
}

struct job {
	const char *service;
	unsigned int workers;
	unsigned int count;
	unsigned int stay;
	char **users;
	unsigned int n_users;
	bool holds;
};

static void
work(const struct job *job)
{
	pam_handle_t *held[STAY_MAX];
	unsigned int n_held, number;

	while (!atomic_load(&tally->over)) {
		for (n_held = 0; n_held < job->stay && !atomic_load(&tally->over);) {
			number = atomic_fetch_add(&tally->asked, 1);
			if (job->count && number >= job->count) {
				atomic_store(&tally->over, true);
				break;
			}
			held[n_held] =
			    begin_session(job->service, job->users[number % job->n_users]);
			n_held += held[n_held] != NULL;
		}
		if (job->holds && (n_held == job->stay || atomic_load(&tally->over)))
			hold(job->workers);
		while (n_held)
			end_session(held[--n_held]);
	}
}

int
main(int argc, char **argv)
{
	struct job job = { .holds = argc > 1 && !strcmp(argv[1], "-h") };
	unsigned int i;

	argc -= job.holds;
	argv += job.holds;
	if (argc < 6)
		return 2;
	job.service = argv[1];
	job.workers = (unsigned int)atoi(argv[2]);
	job.count = (unsigned int)atoi(argv[3]);
	job.stay = (unsigned int)atoi(argv[4]);
	job.users = argv + 5;
	job.n_users = (unsigned int)argc - 5;
	if (!job.workers || !job.stay || job.stay > STAY_MAX)
		return 2;
	tally =
	    mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 1;
	signal(SIGTERM, end);
	for (i = 0; i < job.workers; i++) {
		switch (fork()) {
		case -1:
			return 1;
		case 0:
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(&job);
			_exit(0);
		}
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
	printf("opened %u refused %u unclosed %u code %d\n", tally->opened, tally->refused,
	    tally->unclosed, tally->code);
	return 0;
}
