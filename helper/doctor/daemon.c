/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"

static void
judge_family(struct doctor *doctor, struct json_object *families, const char *key, const char *name)
{
	struct json_object *family = NULL;
	const char *state;
	struct finding *finding;

	json_object_object_get_ex(families, key, &family);
	state = doctor_text(family, "state");
	if (!strcmp(state, "in force")) {
		finding_add(&doctor->findings, FINDING_OK, "daemon.family", name, "in force");
	} else if (!strcmp(state, "absent") && !host_exists(&doctor->host, "/proc/sys/net/ipv6")) {
		finding_add(&doctor->findings, FINDING_OK, "daemon.family", name,
		    "not in this kernel: nothing to fence");
	} else if (!strcmp(state, "starting") || !state[0]) {
		finding_add(&doctor->findings, FINDING_UNKNOWN, "daemon.family", name, "%s",
		    state[0] ? "netfenced is about to begin" : "netfenced does not say");
	} else {
		finding = finding_add(&doctor->findings, FINDING_FAIL, "daemon.family", name,
		    "not in force: %s%s%s", state, doctor_text(family, "reason")[0] ? ", " : "",
		    doctor_text(family, "reason"));
		finding_mend(finding, "The log of netfenced says more.");
	}
}

/* Before Linux 6.17 sock_diag(7) and /proc/net give root as the owner of whatever socket no process
 * holds any more. */
static void
judge_orphans(struct doctor *doctor)
{
	cleanup_free char *release = NULL;
	unsigned int major, minor;
	struct finding *finding;

	if (host_read(&doctor->host, "/proc/sys/kernel/osrelease", &release) < 0 ||
	    sscanf(release, "%u.%u", &major, &minor) != 2 || major > 6 ||
	    (major == 6 && minor >= 17))
		return;
	finding = finding_add(&doctor->findings, FINDING_WARN, "daemon.orphans", "sockets",
	    "this kernel, before Linux 6.17, does not tell whose a connection was that a process "
	    "has left behind: what it has still to send goes out");
	finding_mend(finding, "Linux 6.17; or `always: true`, so that no connection is older than "
			      "the fence.");
}

static void
judge_rules(struct doctor *doctor, struct json_object *rules)
{
	struct findings *findings = &doctor->findings;
	const char *source = doctor_text(rules, "source");
	struct finding *finding;

	if (!strcmp(doctor_text(rules, "state"), "unusable")) {
		finding = finding_add(findings, FINDING_FAIL, "daemon.rules", "rules",
		    "none can be used: every session is refused but root's");
		finding_mend(finding, "netfencectl check");
		return;
	}
	if (!strcmp(source, "last good")) {
		finding = finding_add(findings, FINDING_FAIL, "daemon.rules", "rules",
		    "the files have errors: the last good rules are in force, not these");
		finding_mend(finding, "netfencectl check, then netfencectl reload");
	} else if (!strcmp(source, "rollback")) {
		finding = finding_add(findings, FINDING_WARN, "daemon.pinned", "rules",
		    "the previous ones are in force, after a rollback or for want of a confirm");
		finding_mend(finding, "netfencectl reload takes the files again.");
	}
	if (doctor_number(rules, "confirm_until")) {
		finding = finding_add(findings, FINDING_WARN, "daemon.confirm", "rules",
		    "in force on trial: the previous ones return if nobody confirms them");
		finding_mend(finding, "netfencectl confirm");
	}
}

/* What is open by an administrator's own word; the members come and go with versions. */
static void
judge_open(struct doctor *doctor)
{
	struct json_object *off = doctor_off(doctor), *grants = NULL, *fences = NULL;
	struct finding *finding;
	int64_t n = 0;

	if (off) {
		finding = finding_add(&doctor->findings, FINDING_FAIL, "daemon.off", "netfenced",
		    "switched off by hand: nobody is fenced%s%s",
		    doctor_text(off, "reason")[0] ? ": " : "", doctor_text(off, "reason"));
		finding_mend(finding, "netfencectl on");
	}
	json_object_object_get_ex(doctor->status, "fences", &fences);
	if (!json_object_object_get_ex(doctor->status, "grants", &grants) && fences)
		json_object_object_get_ex(fences, "grants", &grants);
	if (grants && json_object_is_type(grants, json_type_array))
		n = (int64_t)json_object_array_length(grants);
	else if (grants && json_object_is_type(grants, json_type_object))
		n = doctor_number(grants, "count");
	else if (grants)
		n = json_object_get_int64(grants);
	if (n) {
		finding = finding_add(&doctor->findings, FINDING_WARN, "daemon.grants", "grants",
		    "%d in force, beside the rules", (int)n);
		finding_mend(finding, "netfencectl grants lists them.");
	}
}

/* What netfenced itself calls amiss and has not been said here. said: something has been. */
static void
judge_problems(struct doctor *doctor, bool said)
{
	static const char *const known[] = { "ipv4", "ipv6", "rules-unusable", "rules-last-good",
		"contested", "off" };
	struct json_object *list = NULL;
	size_t i, j;

	if (json_object_object_get_ex(doctor->status, "problems", &list) &&
	    json_object_is_type(list, json_type_array)) {
		for (i = 0; i < json_object_array_length(list); i++) {
			struct json_object *problem = json_object_array_get_idx(list, i);
			bool is_known = false;

			for (j = 0; j < sizeof(known) / sizeof(known[0]); j++)
				is_known =
				    is_known || !strcmp(doctor_text(problem, "id"), known[j]);
			if (is_known)
				continue;
			finding_mend(finding_add(&doctor->findings, FINDING_FAIL, "daemon.degraded",
					 "netfenced", "%s", doctor_text(problem, "text")),
			    "netfencectl status");
			said = true;
		}
	}
	if (doctor_flag(doctor->status, "degraded") && !said)
		finding_mend(finding_add(&doctor->findings, FINDING_FAIL, "daemon.degraded",
				 "netfenced", "says that something is amiss"),
		    "netfencectl status");
}

void
doctor_daemon(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;
	struct json_object *part = NULL, *status = doctor->status;
	const char *version = doctor_text(status, "version");
	struct finding *finding;

	if (!status) {
		finding = finding_add(findings, FINDING_FAIL, "daemon.away", "netfenced",
		    "does not answer: %s", doctor->away.text);
		finding_mend(finding, "Start it: fences that stand hold, but who is fenced cannot "
				      "log in, and `always` and repairs wait.");
		return;
	}
	if (strcmp(version, NETFENCE_VERSION) != 0) {
		finding = finding_add(findings, FINDING_WARN, "daemon.version", "netfenced",
		    "is %s, netfencectl " NETFENCE_VERSION, version);
		finding_mend(finding, "Restart netfenced after an upgrade; fences stay.");
	} else {
		finding_add(findings, FINDING_OK, "daemon.version", "netfenced", "%s, engine %s",
		    version, doctor_text(status, "engine"));
	}
	if (json_object_object_get_ex(status, "families", &part)) {
		judge_family(doctor, part, "ipv4", "IPv4");
		judge_family(doctor, part, "ipv6", "IPv6");
	}
	if (json_object_object_get_ex(status, "rules", &part))
		judge_rules(doctor, part);
	if (json_object_object_get_ex(status, "repairs", &part) && doctor_flag(part, "contested")) {
		finding = finding_add(findings, FINDING_FAIL, "daemon.contested", "tables",
		    "contested: another program keeps taking netfence's rules away");
		finding_mend(finding, "The log has what was missing: find who writes the tables.");
	}
	if (doctor_flag(status, "cannot_cut")) {
		finding = finding_add(findings, FINDING_WARN, "daemon.cut", "sockets",
		    "this kernel cannot cut what a user has open when the fence comes up");
		finding_mend(finding,
		    "A kernel with CONFIG_INET_DIAG_DESTROY, inet_diag, tcp_diag and udp_diag.");
	} else {
		finding_add(findings, FINDING_OK, "daemon.cut", "sockets",
		    "what is open and not allowed is cut");
	}
	judge_orphans(doctor);
	if (json_object_object_get_ex(status, "denials", &part) &&
	    !strcmp(doctor_text(part, "state"), "away")) {
		finding = finding_add(findings, FINDING_WARN, "daemon.denials", "denials",
		    "held, and not logged: %s", doctor_text(part, "reason"));
		finding_mend(finding, "Another nflog-group, or without who listens to this one.");
	}
	judge_open(doctor);
	judge_problems(doctor, findings->count[FINDING_FAIL] != 0);
}
