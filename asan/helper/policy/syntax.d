/tmp/w-g/asan/helper/policy/syntax.o: helper/policy/syntax.c \
 helper/policy/syntax.h helper/policy/report.h helper/policy/ruleset.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/policy/who.h
helper/policy/syntax.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
