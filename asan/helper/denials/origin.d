/tmp/w-g/asan/helper/denials/origin.o: helper/denials/origin.c \
 helper/denials/inside.h helper/denials/denials.h helper/connection.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/denials/ring.h \
 helper/fence/mark.h include/netfence/rule.h helper/wire/buffer.h \
 helper/life/life.h helper/base/why.h helper/engines/engines.h \
 helper/base/histogram.h helper/fence/plan.h helper/fence/fence.h \
 helper/rules.h helper/policy/ruleset.h helper/base/arena.h \
 helper/policy/who.h helper/grants/grants.h helper/asker.h \
 helper/connection.h helper/term.h helper/resolver.h helper/base/why.h \
 helper/wire/message.h helper/session/session.h helper/session/opener.h \
 helper/wire/message.h helper/denials/nflog.h helper/denials/packet.h \
 helper/verdict/verdict.h
helper/denials/inside.h:
helper/denials/denials.h:
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/denials/ring.h:
helper/fence/mark.h:
include/netfence/rule.h:
helper/wire/buffer.h:
helper/life/life.h:
helper/base/why.h:
helper/engines/engines.h:
helper/base/histogram.h:
helper/fence/plan.h:
helper/fence/fence.h:
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
helper/session/session.h:
helper/session/opener.h:
helper/wire/message.h:
helper/denials/nflog.h:
helper/denials/packet.h:
helper/verdict/verdict.h:
