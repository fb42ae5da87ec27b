/tmp/w-g/asan/helper/policy/text.o: helper/policy/text.c \
 helper/policy/text.h helper/policy/report.h helper/policy/ruleset.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/policy/who.h
helper/policy/text.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
