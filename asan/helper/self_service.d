/tmp/w-g/asan/helper/self_service.o: helper/self_service.c \
 helper/self_service.h helper/denials/denials.h helper/connection.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/denials/ring.h \
 helper/fence/mark.h include/netfence/rule.h helper/wire/buffer.h \
 helper/life/life.h helper/base/why.h helper/engines/engines.h \
 helper/base/histogram.h helper/fence/plan.h helper/fence/fence.h \
 helper/rules.h helper/policy/ruleset.h helper/base/arena.h \
 helper/policy/who.h helper/grants/grants.h helper/asker.h \
 helper/connection.h helper/term.h helper/resolver.h helper/base/why.h \
 helper/wire/message.h helper/session/session.h helper/session/opener.h \
 helper/wire/message.h helper/life/life.h helper/base/arena.h \
 helper/base/cleanup.h helper/explain/explain.h helper/verdict/verdict.h \
 helper/explain/question.h helper/explain/target.h \
 helper/policy/service.h helper/grants/front.h helper/log.h \
 helper/verdict/words.h helper/window/window.h
helper/self_service.h:
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
helper/life/life.h:
helper/base/arena.h:
helper/base/cleanup.h:
helper/explain/explain.h:
helper/verdict/verdict.h:
helper/explain/question.h:
helper/explain/target.h:
helper/policy/service.h:
helper/grants/front.h:
helper/log.h:
helper/verdict/words.h:
helper/window/window.h:
