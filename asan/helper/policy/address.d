/tmp/w-g/asan/helper/policy/address.o: helper/policy/address.c \
 helper/policy/address.h helper/base/arena.h helper/base/why.h \
 include/netfence/rule.h helper/policy/report.h helper/policy/ruleset.h \
 helper/policy/who.h
helper/policy/address.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/policy/who.h:
