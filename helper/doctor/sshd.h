/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `sshd -T` says of one user.
 */
#ifndef NETFENCE_DOCTOR_SSHD_H
#define NETFENCE_DOCTOR_SSHD_H

#include "doctor/doctor.h"

/*
 * pam, disabled        UsePAM, DisableForwarding
 * service              whose stack it asks for: "sshd", or PAMServiceName
 * remote, stream       -R for ports, for sockets of files
 * gateway              others may come to what -R listens on
 * keys                 AuthorizedKeysFile, words with blanks between, in the text
 */
struct sshd_settings {
	bool pam;
	const char *service;
	bool remote;
	bool stream;
	bool gateway;
	bool tunnel;
	const char *forwarding; /* AllowTcpForwarding as it stands */
	const char *keys;
};

/* Cuts the text up and points into it. False where that is no answer of sshd's. */
bool sshd_settings_read(char *text, struct sshd_settings *settings);

/* Adds what they mean for that user. */
void sshd_judge(
    struct doctor *doctor, const struct fenced_user *user, const struct sshd_settings *settings);

/* What of an sshd's title ("sshd: /usr/sbin/sshd -D -f FILE [listener] 0 of …") has to be said to
 * `sshd -T` too: -f and -o with what follows them, at most `room` words, which point into the
 * title. Returns how many. */
int sshd_arguments(char *title, const char **words, int room);

#endif
