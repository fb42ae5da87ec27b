/tmp/w-g/asan/helper/engines/links.o: helper/engines/links.c \
 helper/engines/inside.h helper/engine_process.h helper/fence/engine.h \
 helper/base/why.h helper/fence/plan.h helper/fence/fence.h \
 include/netfence/rule.h helper/engines/engines.h helper/base/histogram.h \
 helper/rules.h helper/policy/ruleset.h helper/base/arena.h \
 helper/policy/who.h helper/wire/buffer.h helper/fence/crossing.h \
 helper/log.h include/netfence/protocol.h helper/stream.h \
 helper/wire/buffer.h
helper/engines/inside.h:
helper/engine_process.h:
helper/fence/engine.h:
helper/base/why.h:
helper/fence/plan.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/engines/engines.h:
helper/base/histogram.h:
helper/rules.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/policy/who.h:
helper/wire/buffer.h:
helper/fence/crossing.h:
helper/log.h:
include/netfence/protocol.h:
helper/stream.h:
helper/wire/buffer.h:
