/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is not YAML, said in words for somebody who has never read YAML's grammar, with the mend
 * where it is known.
 */
#ifndef NETFENCE_POLICY_SYNTAX_H
#define NETFENCE_POLICY_SYNTAX_H

#include <yaml.h>

#include "policy/report.h"

/* Reports what the parser stopped at. -EINVAL, or -ENOMEM. */
int syntax_error(
    struct reporter *reporter, const struct source *source, const yaml_parser_t *parser);

#endif
