/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netfenced's numbers as OpenMetrics text. Prometheus, its promtool and node_exporter want a
 * counter's TYPE and HELP under the name that its samples have, with _total; OpenMetrics 1.0 has
 * them without. What is printed is the former, and the latter with --strict.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"

struct page {
	FILE *stream;
	bool strict;
};

static void
begin(const struct page *page, const char *name, const char *type, const char *help)
{
	const char *end = !page->strict && !strcmp(type, "counter") ? "_total" : "";

	fprintf(page->stream, "# TYPE %s%s %s\n", name, end, type);
	if (strstr(name, "_seconds"))
		fprintf(page->stream, "# UNIT %s seconds\n", name);
	fprintf(page->stream, "# HELP %s%s %s\n", name, end, help);
}

/* A label's value, escaped as the format has it. */
static void
put_value(const struct page *page, const char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", page->stream);
		else if (*text == '"' || *text == '\\')
			fprintf(page->stream, "\\%c", *text);
		else
			fputc(*text, page->stream);
}

static void
put_label(const struct page *page, const char *before, const char *key, const char *text)
{
	fprintf(page->stream, "%s%s=\"", before, key);
	put_value(page, text);
	fputc('"', page->stream);
}

static void
one(const struct page *page, const char *name, const char *type, const char *help, int64_t value)
{
	begin(page, name, type, help);
	fprintf(page->stream, "%s%s %" PRId64 "\n", name,
	    strcmp(type, "counter") != 0 ? "" : "_total", value);
}

static struct json_object *
part(struct json_object *object, const char *key)
{
	struct json_object *member = NULL;

	json_object_object_get_ex(object, key, &member);
	return member;
}

static bool
is_set(struct json_object *object, const char *key)
{
	return json_object_get_boolean(part(object, key));
}

/* ---------------------------------------------------------------- one family of them after another
 */

static void
put_build(const struct page *page, struct json_object *object)
{
	if (page->strict)
		begin(page, "netfence_build", "info", "The daemon's version.");
	else
		begin(page, "netfence_build_info", "gauge", "The daemon's version.");
	fputs("netfence_build_info{", page->stream);
	put_label(page, "", "version", ctl_text(object, "version"));
	fputs("} 1\n", page->stream);
}

static void
put_fences(const struct page *page, struct json_object *list)
{
	struct json_object *entry;
	size_t i;

	begin(page, "netfence_fences", "gauge", "Fenced users, by policy and state.");
	for (i = 0; list && i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		fputs("netfence_fences{", page->stream);
		put_label(page, "", "policy", ctl_text(entry, "policy"));
		put_label(page, ",", "state", ctl_text(entry, "state"));
		fprintf(page->stream, "} %" PRId64 "\n", ctl_number(entry, "users"));
	}
}

static void
put_families(const struct page *page, struct json_object *families)
{
	static const char *const names[] = { "ipv4", "ipv6" };
	size_t i;

	begin(page, "netfence_family_up", "gauge", "Whether the engine of the family is in force.");
	for (i = 0; i < 2; i++)
		if (part(families, names[i]))
			fprintf(page->stream, "netfence_family_up{family=\"%s\"} %d\n", names[i],
			    is_set(part(families, names[i]), "up"));
	begin(page, "netfence_repairs", "counter",
	    "How often rules of ours that others had changed were mended.");
	for (i = 0; i < 2; i++)
		if (part(families, names[i]))
			fprintf(page->stream, "netfence_repairs_total{family=\"%s\"} %" PRId64 "\n",
			    names[i], ctl_number(part(families, names[i]), "repairs"));
}

static void
put_commits(const struct page *page, struct json_object *commits)
{
	static const char *const failures[] = { "failed", "no_lock", "unknown" };
	struct json_object *list = part(commits, "buckets"), *bucket;
	int64_t us;
	size_t i;

	begin(page, "netfence_commit_seconds", "histogram",
	    "How long commits took, in both families, sockets cut.");
	for (i = 0; list && i < json_object_array_length(list); i++) {
		bucket = json_object_array_get_idx(list, i);
		fputs("netfence_commit_seconds_bucket{le=\"", page->stream);
		us = ctl_number(bucket, "microseconds");
		/* OpenMetrics has a point in whole numbers as well. */
		if (part(bucket, "microseconds"))
			fprintf(page->stream, "%g%s", (double)us / 1000000,
			    page->strict && us % 1000000 == 0 ? ".0" : "");
		else
			fputs("+Inf", page->stream);
		fprintf(page->stream, "\"} %" PRId64 "\n", ctl_number(bucket, "count"));
	}
	fprintf(page->stream, "netfence_commit_seconds_sum %.6f\n",
	    (double)ctl_number(commits, "microseconds") / 1000000);
	fprintf(page->stream, "netfence_commit_seconds_count %" PRId64 "\n",
	    ctl_number(commits, "done"));
	begin(page, "netfence_commits_failed", "counter",
	    "Commits that changed nothing, or of which an engine died.");
	for (i = 0; i < 3; i++)
		fprintf(page->stream, "netfence_commits_failed_total{reason=\"%s\"} %" PRId64 "\n",
		    failures[i], ctl_number(commits, failures[i]));
	one(page, "netfence_tables_written", "counter", "Tables written to the kernel.",
	    ctl_number(commits, "tables"));
}

static void
put_refused(const struct page *page, struct json_object *refused)
{
	begin(page, "netfence_logins_refused", "counter", "Logins that were refused, by reason.");
	if (!refused)
		return;
	json_object_object_foreach(refused, reason, number)
	{
		fputs("netfence_logins_refused_total{", page->stream);
		put_label(page, "", "reason", reason);
		fprintf(page->stream, "} %" PRId64 "\n", json_object_get_int64(number));
	}
}

static void
put_denials(const struct page *page, struct json_object *list)
{
	static const struct {
		const char *name;
		const char *key;
		const char *help;
	} kinds[] = {
		{ "netfence_packets_denied", "denied",
		    "Packets that were denied, as far as the kernel told of them." },
		{ "netfence_packets_observed", "would_deny",
		    "Packets that would have been denied, had the policy not only observed." },
	};
	struct json_object *entry;
	size_t i, j;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		begin(page, kinds[i].name, "counter", kinds[i].help);
		for (j = 0; list && j < json_object_array_length(list); j++) {
			entry = json_object_array_get_idx(list, j);
			fprintf(page->stream, "%s_total{", kinds[i].name);
			put_label(page, "", "policy", ctl_text(entry, "policy"));
			fprintf(page->stream, "} %" PRId64 "\n", ctl_number(entry, kinds[i].key));
		}
	}
}

/* object: NULL where netfenced does not answer. */
static void
put_all(const struct page *page, struct json_object *object)
{
	one(page, "netfence_up", "gauge", "Whether netfenced answers.", object != NULL);
	if (object) {
		put_build(page, object);
		one(page, "netfence_start_time_seconds", "gauge",
		    "When the daemon started, since 1970.", ctl_number(object, "started"));
		one(page, "netfence_sessions", "gauge", "Sessions of fenced users.",
		    ctl_number(object, "sessions"));
		one(page, "netfence_sessions_free", "gauge", "Sessions that the rules leave free.",
		    ctl_number(object, "free_sessions"));
		put_fences(page, part(object, "fences"));
		put_families(page, part(object, "families"));
		one(page, "netfence_contested", "gauge",
		    "Whether another program keeps changing our rules.",
		    is_set(object, "contested"));
		put_commits(page, part(object, "commits"));
		one(page, "netfence_sockets_cut", "counter",
		    "Open sockets that were destroyed, since no rule allows them.",
		    ctl_number(object, "sockets_cut"));
		put_refused(page, part(object, "refused"));
		put_denials(page, part(object, "denials"));
		one(page, "netfence_denials_told", "gauge",
		    "Whether the kernel can tell what it denies.", is_set(object, "listening"));
		one(page, "netfence_denials_lost", "counter",
		    "How often the kernel told more than could be read.",
		    ctl_number(object, "lost"));
		/* Of an older daemon nobody knows. */
		if (part(object, "log_lost")) {
			one(page, "netfence_log_lines_waiting", "gauge",
			    "Lines that the log has not taken yet.",
			    ctl_number(object, "log_waiting"));
			one(page, "netfence_log_lines_lost", "counter",
			    "Lines that the log did not take, and that are lost.",
			    ctl_number(object, "log_lost"));
		}
		one(page, "netfence_rules_timestamp_seconds", "gauge",
		    "Since when the rules are in force, since 1970; 0: there are none.",
		    ctl_number(object, "rules_since"));
		one(page, "netfence_reload_failed", "gauge",
		    "Whether the latest reload could not be put in force.",
		    is_set(object, "reload_failed"));
		if (part(object, "grants"))
			one(page, "netfence_grants", "gauge", "Grants in force.",
			    ctl_number(object, "grants"));
		if (part(object, "off"))
			one(page, "netfence_off", "gauge",
			    "Whether fences are switched off for a time.", is_set(object, "off"));
	}
	fputs("# EOF\n", page->stream);
}

/* ---------------------------------------------------------------- a file for node_exporter */

/* Whoever reads it finds the former one or this one, whole. */
static int
put_file(const char *path, struct json_object *object, bool strict)
{
	cleanup_free char *part_path = NULL;
	struct page page = { .strict = strict };
	int fd, error;

	/* The collector takes files that end in .prom. */
	if (asprintf(&part_path, "%s.XXXXXX", path) < 0) {
		part_path = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(part_path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	page.stream = fdopen(fd, "w");
	if (!page.stream) {
		close(fd);
		unlink(part_path);
		return -ENOMEM;
	}
	put_all(&page, object);
	error = fchmod(fd, 0644) < 0 || fflush(page.stream) != 0 ? -errno : 0;
	if (fclose(page.stream) != 0 && !error)
		error = -errno;
	if (!error && rename(part_path, path) < 0)
		error = -errno;
	if (error)
		unlink(part_path);
	return error;
}

static enum ctl_exit
print(const struct ctl *ctl, const char *path, bool strict, const char *text)
{
	struct json_object *object = text ? json_tokener_parse(text) : NULL;
	const struct page page = { stdout, strict };
	int result = 0;

	if (path)
		result = put_file(path, object, strict);
	else if (ctl->json && text)
		puts(text);
	else if (!ctl->json)
		put_all(&page, object);
	json_object_put(object);
	if (result == 0)
		return CTL_YES;
	fprintf(stderr, "netfencectl: %s: %s\n", path, strerrordesc_np(-result));
	return result == -EACCES || result == -EPERM ? CTL_NOT_PERMITTED : CTL_NO;
}

enum ctl_exit
ctl_metrics(const struct ctl *ctl)
{
	static const char usage[] = "metrics [--textfile FILE] [--strict]";
	cleanup_free char *text = NULL;
	const char *path = NULL;
	bool strict = false;
	enum ctl_exit result, printed;
	int i;

	for (i = 1; i < ctl->argc; i++) {
		if (!strcmp(ctl->argv[i], "--strict"))
			strict = true;
		else if (!strcmp(ctl->argv[i], "--textfile") && !path && i + 1 < ctl->argc)
			path = ctl->argv[++i];
		else
			return ctl_usage(ctl, usage);
	}
	if (path && ctl->json)
		return ctl_usage(ctl, usage);
	result = ctl_ask(ctl, PROTOCOL_METRICS, NULL, CTL_AWAY, &text);
	/* That it is away is a metric, too. */
	if (result != CTL_YES && result != CTL_AWAY)
		return result;
	printed = print(ctl, path, strict, text);
	return result != CTL_YES ? result : printed;
}
