/tmp/w-g/asan/helper/policy/report.o: helper/policy/report.c \
 helper/policy/report.h helper/policy/ruleset.h helper/base/arena.h \
 helper/base/why.h include/netfence/rule.h helper/policy/who.h
helper/policy/report.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
