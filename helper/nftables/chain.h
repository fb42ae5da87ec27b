/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy as the rules of chains, for both families at once. Pure.
 *
 * To accept ends our base chain and nothing else: what a fence allows goes on to the host's own
 * rules, from however deep in our chains. So a rule that has a limit, or is logged, is a chain of
 * its own, to which all that it names is led:
 *
 *   NETFENCE/vendor    tcp dport 22 ip daddr @ipv4/… jump NETFENCE/vendor/3
 *   NETFENCE/vendor/3  limit rate over 10/second burst 10 packets return
 *                      …, log …
 *                      counter accept
 *
 * What is denied is counted, and what is observed only, which is logged, counted, and accepted.
 *
 * Where many rules name TCP or UDP, each of the two has a chain with those that it may match:
 *
 *   NETFENCE/vendor      exthdr rt exists …; oif "lo" …
 *                        meta l4proto tcp goto NETFENCE/vendor/tcp
 *                        meta l4proto udp goto NETFENCE/vendor/udp
 *                        … all that are for any protocol, or for another one
 *   NETFENCE/vendor/tcp  … all that are for TCP, or for any
 */
#ifndef NETFENCE_NFTABLES_CHAIN_H
#define NETFENCE_NFTABLES_CHAIN_H

#include "nftables/layout.h"

/* Adds the policy's rules to the layout's chain of that number, which is there and empty, and
 * further chains, sets and limits. -EINVAL for what no policy can say, with the place where it was
 * written; else as nlayout_add_rule(). */
int chain_build_whole(
    const struct policy *policy, struct nlayout *layout, uint32_t number, struct why *why);

/* Adds what is granted, and then on to the chain of the policy behind. */
int chain_build_granted(const struct policy *policy, struct nlayout *layout, uint32_t number,
    const struct label *behind, struct why *why);

#endif
