/tmp/w-g/asan/helper/policy/people_host.o: helper/policy/people_host.c \
 helper/policy/people.h helper/policy/ruleset.h helper/base/arena.h \
 helper/base/why.h include/netfence/rule.h helper/policy/who.h
helper/policy/people.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
