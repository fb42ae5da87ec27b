/tmp/w-g/asan/helper/granting/answer.o: helper/granting/answer.c \
 helper/granting/inside.h helper/granting/granting.h helper/connection.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/grants/grants.h \
 helper/asker.h helper/connection.h helper/base/arena.h helper/base/why.h \
 include/netfence/rule.h helper/term.h helper/life/life.h \
 helper/engines/engines.h helper/base/histogram.h helper/fence/plan.h \
 helper/fence/fence.h helper/rules.h helper/policy/ruleset.h \
 helper/policy/who.h helper/resolver.h helper/base/why.h \
 helper/wire/message.h helper/wire/buffer.h helper/session/session.h \
 helper/session/opener.h helper/wire/message.h helper/grants/tell.h
helper/granting/inside.h:
helper/granting/granting.h:
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/grants/grants.h:
helper/asker.h:
helper/connection.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/term.h:
helper/life/life.h:
helper/engines/engines.h:
helper/base/histogram.h:
helper/fence/plan.h:
helper/fence/fence.h:
helper/rules.h:
helper/policy/ruleset.h:
helper/policy/who.h:
helper/resolver.h:
helper/base/why.h:
helper/wire/message.h:
helper/wire/buffer.h:
helper/session/session.h:
helper/session/opener.h:
helper/wire/message.h:
helper/grants/tell.h:
