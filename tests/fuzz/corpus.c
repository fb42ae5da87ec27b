/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives a fuzzer's harness what is kept in its corpus, once each, and says so in TAP. Built with
 * sanitizers, which end the program at the first fault; where the compiler has none (PLAIN), the
 * inputs are tried all the same and the test counts as skipped.
 *
 *   NAME    what the harness is called
 *   CORPUS  the folder
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (1024 * 1024) /* bytes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In a block of just its size, so that a byte read behind it is noticed. */
static int
try_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *room = malloc(INPUT_MAX), *data;
	size_t size;

	if (!file || !room) {
		printf("not ok 1 %s # %s: %s\n", NAME, path, strerror(errno));
		free(room);
		if (file)
			fclose(file);
		return -1;
	}
	size = fread(room, 1, INPUT_MAX, file);
	fclose(file);
	data = malloc(size ? size : 1);
	if (data) {
		memcpy(data, room, size);
		LLVMFuzzerTestOneInput(data, size);
	}
	free(data);
	free(room);
	return data ? 0 : -1;
}

int
main(void)
{
	DIR *folder = opendir(CORPUS);
	const struct dirent *entry;
	unsigned int n = 0;
	char path[4096];

	puts("1..1");
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", CORPUS, entry->d_name);
		if (try_file(path))
			return 1;
		n++;
	}
	if (folder)
		closedir(folder);
	if (!n) {
		printf("not ok 1 %s # nothing in %s\n", NAME, CORPUS);
		return 1;
	}
#ifdef PLAIN
	printf("ok 1 %s # skip the compiler has no sanitizers (%u inputs without them)\n", NAME, n);
#else
	printf("ok 1 %s: %u inputs\n", NAME, n);
#endif
	return 0;
}
