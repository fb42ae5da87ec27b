/tmp/w-g/asan/helper/policy/what.o: helper/policy/what.c \
 helper/policy/what.h helper/base/why.h helper/policy/service.h \
 helper/base/arena.h include/netfence/rule.h helper/policy/what_list.h \
 helper/policy/icmp.h helper/policy/names.h helper/policy/report.h \
 helper/policy/ruleset.h helper/policy/who.h
helper/policy/what.h:
helper/base/why.h:
helper/policy/service.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/what_list.h:
helper/policy/icmp.h:
helper/policy/names.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/policy/who.h:
