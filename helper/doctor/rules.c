/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <string.h>

#include "doctor/doctor.h"

static bool
is_everything(const struct address_range *range, enum family family)
{
	size_t length = family == FAMILY_IPV4 ? 4 : 16, i;

	for (i = 0; i < length; i++) {
		if (range->first[i] != 0 || range->last[i] != 0xff)
			return false;
	}
	return true;
}

/* "allow: any, to: any", without any condition, in one of the families at least. */
static bool
allows_all(const struct rule *rule)
{
	bool any = false;
	uint32_t i;
	int family;

	if (rule->action != ACTION_ALLOW || rule->interface || rule->limit.count)
		return false;
	for (i = 0; i < rule->n_what; i++)
		any = any || rule->what[i].protocol == WHAT_ANY;
	for (family = 0; any && family < FAMILIES; family++) {
		for (i = 0; i < rule->n_to[family]; i++) {
			if (is_everything(&rule->to[family][i], (enum family)family))
				return true;
		}
	}
	return false;
}

static void
judge_policy(struct doctor *doctor, const struct policy *policy)
{
	struct finding *finding;
	uint32_t i;

	if (policy->mode == POLICY_OBSERVE) {
		finding = finding_add(&doctor->findings, FINDING_WARN, "rules.observe",
		    policy->name, "mode observe: logged and counted, nothing is held");
		finding_at(finding, policy->file, policy->line);
		finding_mend(finding, "mode: enforce, when it has been observed for long enough.");
	}
	for (i = 0; i < policy->n_egress; i++) {
		if (!allows_all(&policy->egress[i]))
			continue;
		finding = finding_add(&doctor->findings, FINDING_WARN, "rules.any", policy->name,
		    "allows any to any: what comes after that rule means nothing");
		finding_at(finding, policy->egress[i].file, policy->egress[i].line);
		finding_mend(finding, "Name what is to be reached, or let the user be free.");
		break;
	}
	if (policy->serve.kind != PASSAGE_NONE) {
		finding = finding_add(&doctor->findings, FINDING_OK, "rules.serve", policy->name,
		    "serve: connection tracking runs for the whole host while that is in force");
		finding_at(finding, policy->file, policy->line);
	}
}

/* A reload that was forgotten; what a dry run says. */
static void
judge_difference(struct doctor *doctor)
{
	const char *result = doctor_text(doctor->dry_run, "result");
	struct finding *finding;

	if (!doctor->dry_run)
		return;
	if (!strcmp(result, "unchanged")) {
		finding_add(&doctor->findings, FINDING_OK, "rules.differ", "rules",
		    "what the files say is in force");
	} else if (!strncmp(result, "would", 5)) {
		finding = finding_add(&doctor->findings, FINDING_FAIL, "rules.differ", "rules",
		    "what the files say is not what is in force");
		finding_at(finding, doctor->rules, 0);
		finding_mend(finding, "netfencectl reload --dry-run, then netfencectl reload");
	}
}

void
doctor_rules(struct doctor *doctor)
{
	const struct who *who;
	struct finding *finding;
	uint32_t i;

	if (!doctor->set) {
		finding = finding_add(&doctor->findings, FINDING_FAIL, "rules.errors", "rules",
		    "%s; whom they fence has not been looked at", doctor->no_set.text);
		finding_at(finding, doctor->rules, 0);
		finding_mend(finding, "netfencectl check");
		return;
	}
	judge_difference(doctor);
	who = &doctor->set->who;
	if (!who->n_users && !who->n_groups && !who->others) {
		finding = finding_add(
		    &doctor->findings, FINDING_WARN, "rules.nobody", "rules", "fence nobody");
		finding_at(finding, doctor->rules, 0);
		finding_mend(finding, "users/NAME.yaml, groups/NAME.yaml: netfence.yaml(5)");
	}
	for (i = 0; i < doctor->set->n_policies; i++)
		judge_policy(doctor, &doctor->set->policies[i]);
}
