/tmp/w-g/asan/helper/netfenced.o: helper/netfenced.c \
 helper/base/cleanup.h helper/explain/yaml.h helper/policy/ruleset.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/policy/who.h helper/fence/engine.h helper/fence/plan.h \
 helper/fence/fence.h helper/log.h include/netfence/paths.h \
 helper/policy/people.h helper/supervisor.h helper/resources.h \
 helper/base/why.h helper/privileges.h helper/wire/message.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/wire/client.h
helper/base/cleanup.h:
helper/explain/yaml.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/fence/engine.h:
helper/fence/plan.h:
helper/fence/fence.h:
helper/log.h:
include/netfence/paths.h:
helper/policy/people.h:
helper/supervisor.h:
helper/resources.h:
helper/base/why.h:
helper/privileges.h:
helper/wire/message.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/wire/client.h:
