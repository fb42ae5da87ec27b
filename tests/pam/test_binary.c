/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module as a file: what it offers, what it loads, and that it keeps nothing of its own that
 * could be written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static const char *image;
static const ElfW(Ehdr) * header;
static const ElfW(Shdr) * sections;

static int
map_module(void **state)
{
	char path[PATH_MAX], *slash;
	struct stat status;
	void *mapped;
	int fd;

	(void)state;
	if (!realpath("/proc/self/exe", path) || !(slash = strrchr(path, '/')))
		return -1;
	snprintf(slash, sizeof(path) - (size_t)(slash - path), "/../../pam_netfence.so");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0)
		return -1;
	mapped = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (mapped == MAP_FAILED)
		return -1;
	image = mapped;
	header = mapped;
	sections = (const void *)(image + header->e_shoff);
	return 0;
}

static const ElfW(Shdr) * section(const char *name)
{
	const char *names = image + sections[header->e_shstrndx].sh_offset;
	unsigned int i;

	for (i = 0; i < header->e_shnum; i++)
		if (!strcmp(names + sections[i].sh_name, name))
			return &sections[i];
	return NULL;
}

static void
it_offers_its_two_entries_only(void **state)
{
	const ElfW(Shdr) *dynsym = section(".dynsym");
	const ElfW(Sym) * symbols;
	const char *names;
	size_t i;
	bool opens = false, closes = false;

	(void)state;
	assert_non_null(dynsym);
	symbols = (const void *)(image + dynsym->sh_offset);
	names = image + sections[dynsym->sh_link].sh_offset;
	for (i = 1; i < dynsym->sh_size / sizeof(*symbols); i++) {
		if (symbols[i].st_shndx == SHN_UNDEF)
			continue;
		if (!strcmp(names + symbols[i].st_name, "pam_sm_open_session"))
			opens = true;
		else if (!strcmp(names + symbols[i].st_name, "pam_sm_close_session"))
			closes = true;
		else
			fail_msg("offers %s too", names + symbols[i].st_name);
	}
	assert_true(opens && closes);
}

/* What a guest must not do to its host, or what could end it. */
static void
it_calls_nothing_of_the_hosts(void **state)
{
	static const char *const never[] = { "openlog", "closelog", "setlogmask", "exit", "_exit",
		"abort", "signal", "sigaction", "sigprocmask", "pthread_sigmask", "fork", "vfork",
		"system", "popen", "posix_spawn", "setuid", "setgid", "setenv", "putenv", "umask",
		"chdir", "alarm", "getpwnam", "getgrgid", "getgrnam", "getpwuid", "strtok",
		"strerror", "setlocale", "atexit" };
	const ElfW(Shdr) *dynsym = section(".dynsym");
	const ElfW(Sym) *symbols = (const void *)(image + dynsym->sh_offset);
	const char *names = image + sections[dynsym->sh_link].sh_offset;
	size_t i, k;

	(void)state;
	if (SANITIZED)
		skip();
	for (i = 1; i < dynsym->sh_size / sizeof(*symbols); i++)
		for (k = 0; k < sizeof(never) / sizeof(never[0]); k++)
			if (!strcmp(names + symbols[i].st_name, never[k]))
				fail_msg("calls %s", never[k]);
}

static void
it_loads_libpam_and_libc_only(void **state)
{
	const ElfW(Shdr) *dynamic = section(".dynamic");
	const ElfW(Dyn) * entry;
	const char *names, *name;
	unsigned int needed = 0;

	(void)state;
	if (SANITIZED) {
		print_message("sanitized: what the sanitizers load is not the module's\n");
		skip();
	}
	assert_non_null(dynamic);
	names = image + sections[dynamic->sh_link].sh_offset;
	for (entry = (const void *)(image + dynamic->sh_offset); entry->d_tag != DT_NULL; entry++) {
		assert_int_not_equal(entry->d_tag, DT_RPATH);
		assert_int_not_equal(entry->d_tag, DT_RUNPATH);
		assert_int_not_equal(entry->d_tag, DT_TEXTREL);
		if (entry->d_tag != DT_NEEDED)
			continue;
		name = names + entry->d_un.d_val;
		/* libdl was part of libc from glibc 2.34 on. */
		if (strcmp(name, "libpam.so.0") != 0 && strcmp(name, "libc.so.6") != 0)
			fail_msg("loads %s", name);
		needed++;
	}
	assert_int_equal(needed, 2);
}

/* The C runtime's own are __dso_handle and the mark of its destructors: a pointer and a byte. */
static void
it_keeps_nothing(void **state)
{
	const ElfW(Shdr) *data = section(".data"), *bss = section(".bss");

	(void)state;
	if (SANITIZED) {
		print_message("sanitized: the sanitizers keep something\n");
		skip();
	}
	assert_true(!data || data->sh_size <= sizeof(void *));
	assert_true(!bss || bss->sh_size <= sizeof(void *));
	assert_null(section(".tdata"));
	assert_null(section(".tbss"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_offers_its_two_entries_only),
		cmocka_unit_test(it_calls_nothing_of_the_hosts),
		cmocka_unit_test(it_loads_libpam_and_libc_only),
		cmocka_unit_test(it_keeps_nothing),
	};

	return cmocka_run_group_tests_name("binary", tests, map_module, NULL);
}
