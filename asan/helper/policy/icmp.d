/tmp/w-g/asan/helper/policy/icmp.o: helper/policy/icmp.c \
 helper/policy/icmp.h helper/base/why.h include/netfence/rule.h \
 helper/policy/names.h helper/base/arena.h helper/policy/report.h \
 helper/policy/ruleset.h helper/policy/who.h
helper/policy/icmp.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/names.h:
helper/base/arena.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/policy/who.h:
