/tmp/w-g/asan/helper/engines/engines.o: helper/engines/engines.c \
 helper/engines/engines.h helper/base/histogram.h helper/base/why.h \
 helper/fence/plan.h helper/fence/fence.h include/netfence/rule.h \
 helper/rules.h helper/policy/ruleset.h helper/base/arena.h \
 helper/policy/who.h helper/engines/inside.h helper/engine_process.h \
 helper/fence/engine.h helper/wire/buffer.h
helper/engines/engines.h:
helper/base/histogram.h:
helper/base/why.h:
helper/fence/plan.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/rules.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/policy/who.h:
helper/engines/inside.h:
helper/engine_process.h:
helper/fence/engine.h:
helper/wire/buffer.h:
