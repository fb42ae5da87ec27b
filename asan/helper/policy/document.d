/tmp/w-g/asan/helper/policy/document.o: helper/policy/document.c \
 helper/policy/document.h helper/policy/report.h helper/policy/ruleset.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/policy/who.h helper/policy/names.h helper/policy/syntax.h \
 helper/policy/text.h
helper/policy/document.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/policy/names.h:
helper/policy/syntax.h:
helper/policy/text.h:
