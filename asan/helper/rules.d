/tmp/w-g/asan/helper/rules.o: helper/rules.c helper/rules.h \
 helper/policy/ruleset.h helper/base/arena.h helper/base/why.h \
 include/netfence/rule.h helper/policy/who.h helper/fence/crossing.h \
 helper/fence/fence.h helper/wire/buffer.h
helper/rules.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/fence/crossing.h:
helper/fence/fence.h:
helper/wire/buffer.h:
