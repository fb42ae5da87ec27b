/tmp/w-g/asan/helper/reload/names.o: helper/reload/names.c \
 helper/reload/names.h helper/life/life.h helper/base/why.h \
 helper/connection.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/engines/engines.h helper/base/histogram.h helper/fence/plan.h \
 helper/fence/fence.h include/netfence/rule.h helper/rules.h \
 helper/policy/ruleset.h helper/base/arena.h helper/policy/who.h \
 helper/grants/grants.h helper/asker.h helper/connection.h helper/term.h \
 helper/resolver.h helper/base/why.h helper/wire/message.h \
 helper/wire/buffer.h helper/session/session.h helper/session/opener.h \
 helper/wire/message.h
helper/reload/names.h:
helper/life/life.h:
helper/base/why.h:
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/engines/engines.h:
helper/base/histogram.h:
helper/fence/plan.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/rules.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/policy/who.h:
helper/grants/grants.h:
helper/asker.h:
helper/connection.h:
helper/term.h:
helper/resolver.h:
helper/base/why.h:
helper/wire/message.h:
helper/wire/buffer.h:
helper/session/session.h:
helper/session/opener.h:
helper/wire/message.h:
