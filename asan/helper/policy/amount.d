/tmp/w-g/asan/helper/policy/amount.o: helper/policy/amount.c \
 helper/policy/amount.h helper/base/why.h include/netfence/rule.h \
 helper/policy/names.h helper/base/arena.h helper/policy/report.h \
 helper/policy/ruleset.h helper/policy/who.h
helper/policy/amount.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/names.h:
helper/base/arena.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/policy/who.h:
