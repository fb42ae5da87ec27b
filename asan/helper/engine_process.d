/tmp/w-g/asan/helper/engine_process.o: helper/engine_process.c \
 helper/engine_process.h helper/fence/engine.h helper/base/why.h \
 helper/fence/plan.h helper/fence/fence.h include/netfence/rule.h \
 helper/base/cleanup.h helper/cut/cut.h helper/fence/crossing.h \
 helper/base/arena.h helper/wire/buffer.h helper/log.h \
 helper/wire/client.h include/netfence/protocol.h
helper/engine_process.h:
helper/fence/engine.h:
helper/base/why.h:
helper/fence/plan.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/base/cleanup.h:
helper/cut/cut.h:
helper/fence/crossing.h:
helper/base/arena.h:
helper/wire/buffer.h:
helper/log.h:
helper/wire/client.h:
include/netfence/protocol.h:
