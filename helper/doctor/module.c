/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"
#include "doctor/stack.h"

#define MODULE "pam_netfence.so"

/* As what(1) finds it; pam_netfence.c has the other end. */
#define MARK "@(#)pam_netfence "

/* Where libpams look for modules; the one with pam_unix.so is this host's. */
static const char *const folders[] = { "/usr/lib/x86_64-linux-gnu/security",
	"/usr/lib/aarch64-linux-gnu/security", "/usr/lib/arm-linux-gnueabihf/security",
	"/usr/lib/i386-linux-gnu/security", "/usr/lib/powerpc64le-linux-gnu/security",
	"/usr/lib/s390x-linux-gnu/security", "/usr/lib/riscv64-linux-gnu/security",
	"/usr/lib64/security", "/usr/lib/security", "/lib64/security", "/lib/security" };

/* The module's file as lines in PAM files name it. malloc'd, or NULL: it is nowhere. */
static char *
find_module(const struct host *host)
{
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		cleanup_free char *unix_module = NULL;
		char *path = NULL;

		if (asprintf(&unix_module, "%s/pam_unix.so", folders[i]) < 0 ||
		    asprintf(&path, "%s/" MODULE, folders[i]) < 0)
			return NULL;
		if (host_exists(host, unix_module) && host_exists(host, path))
			return path;
		free(path);
	}
	return NULL;
}

/* dlopen() runs what is in the file: in a process of its own, as libpam would in sshd's. */
static int
load(FILE *answer, void *data)
{
	void *module = dlopen(data, RTLD_NOW | RTLD_LOCAL);

	if (!module)
		fprintf(answer, "%s", dlerror());
	else if (!dlsym(module, "pam_sm_open_session"))
		fputs("no pam_sm_open_session in it", answer);
	else
		return 0;
	return 1;
}

/* The version that stands in a file; false where none does. */
static bool
version_of(const struct host *host, const char *path, char *version, size_t size)
{
	cleanup_free char *whole = host_path(host, path);
	cleanup_file FILE *file = whole ? fopen(whole, "re") : NULL;
	const size_t length = strlen(MARK);
	size_t matched = 0, n = 0;
	int character;

	if (!file)
		return false;
	while (matched < length && (character = getc(file)) != EOF)
		matched = character == MARK[matched] ? matched + 1 : character == MARK[0];
	while (matched == length && n + 1 < size && (character = getc(file)) > ' ')
		version[n++] = (char)character;
	version[n] = '\0';
	return n > 0;
}

void
doctor_module(struct doctor *doctor)
{
	cleanup_free char *path = find_module(&doctor->host), *said = NULL;
	struct finding *finding;
	struct why why = { "" };
	char version[64];
	int result;

	if (!path) {
		finding = finding_add(&doctor->findings, FINDING_FAIL, "module.missing", MODULE,
		    "is not where libpam looks for modules, beside pam_unix.so");
		finding_mend(finding, "make install; PAMDIR= says where.");
		return;
	}
	if (!version_of(&doctor->host, path, version, sizeof(version)))
		strcpy(version, "of unknown version");
	if (doctor->status && strcmp(version, doctor_text(doctor->status, "version")) != 0) {
		finding = finding_add(&doctor->findings, FINDING_WARN, "module.version", MODULE,
		    "is %s, netfenced is %s", version, doctor_text(doctor->status, "version"));
		finding_at(finding, path, 0);
		finding_mend(finding, "Install both from one version, and restart netfenced.");
		return;
	}
	result = doctor->host.root[0] ? 0 : host_child(load, path, HOST_RUN_MS, &said, &why);
	if (result != 0) {
		finding = finding_add(&doctor->findings, FINDING_FAIL, "module.load", MODULE,
		    "cannot be loaded: %s", said && said[0] ? said : why.text);
		finding_at(finding, path, 0);
		finding_mend(finding, "No session can be opened where it is required.");
		return;
	}
	finding =
	    finding_add(&doctor->findings, FINDING_OK, "module.load", MODULE, "%s, loads", version);
	finding_at(finding, path, 0);
}
