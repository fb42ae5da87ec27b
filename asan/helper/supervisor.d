/tmp/w-g/asan/helper/supervisor.o: helper/supervisor.c \
 helper/supervisor.h helper/fence/engine.h helper/base/why.h \
 helper/fence/plan.h helper/fence/fence.h include/netfence/rule.h \
 helper/resources.h helper/base/why.h helper/privileges.h \
 helper/wire/message.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/channel.h helper/children.h helper/fence/fence.h helper/daemon.h \
 helper/denials/nflog.h helper/engine_process.h helper/engines/engines.h \
 helper/base/histogram.h helper/rules.h helper/policy/ruleset.h \
 helper/base/arena.h helper/policy/who.h helper/kept.h helper/log.h \
 include/netfence/paths.h helper/notify.h helper/reaper.h \
 helper/resolver.h helper/window/window.h helper/wire/message.h \
 helper/wire/client.h
helper/supervisor.h:
helper/fence/engine.h:
helper/base/why.h:
helper/fence/plan.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/resources.h:
helper/base/why.h:
helper/privileges.h:
helper/wire/message.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/channel.h:
helper/children.h:
helper/fence/fence.h:
helper/daemon.h:
helper/denials/nflog.h:
helper/engine_process.h:
helper/engines/engines.h:
helper/base/histogram.h:
helper/rules.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/policy/who.h:
helper/kept.h:
helper/log.h:
include/netfence/paths.h:
helper/notify.h:
helper/reaper.h:
helper/resolver.h:
helper/window/window.h:
helper/wire/message.h:
helper/wire/client.h:
