/tmp/w-g/asan/helper/policy/files.o: helper/policy/files.c \
 helper/policy/files.h helper/policy/report.h helper/policy/ruleset.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/policy/who.h helper/base/cleanup.h helper/policy/document.h
helper/policy/files.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/base/cleanup.h:
helper/policy/document.h:
