/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer: any bytes, as netfence.yaml and as a user's policy, give a report and no more harm.
 * `make fuzz` runs it; `make check` gives it what lies in tests/fuzz/policy.
 */
#include <stdlib.h>

#include "policy/compile.h"

static const char services_text[] = "ssh 22/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\n";
static const char resolv_text[] = "nameserver 192.0.2.53\nnameserver fe80::1%eth0\n";

static void
try_as(const char *as, const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct source source = {
		.name = as,
		.as = as,
		.text = arena_string(arena, (const char *)data, size),
		.length = size,
	};
	struct compile_input input = {
		.sources = &source,
		.n = 1,
		.uid_min = UID_MIN_DEFAULT,
		.resolv_conf = "resolv.conf",
		.resolv_conf_text = resolv_text,
		.resolv_conf_length = sizeof(resolv_text) - 1,
	};
	struct ruleset ruleset = { .arena = arena };
	struct reporter *reporter = reporter_new(arena);
	int result;

	input.services = services_parse(arena, services_text, sizeof(services_text) - 1);
	result = compile(arena, reporter, &input, &ruleset);
	if (report_finish(reporter, &ruleset.report))
		abort();
	/* Whatever is not usable has been said to be so, and the other way round. */
	if ((result != 0) != (ruleset.report.n_errors != 0))
		abort();
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_as("netfence.yaml", data, size);
	try_as("users/alice.yaml", data, size);
	return 0;
}
