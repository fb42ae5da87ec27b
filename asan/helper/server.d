/tmp/w-g/asan/helper/server.o: helper/server.c helper/server.h \
 helper/admin.h helper/connection.h include/netfence/protocol.h \
 helper/wire/buffer.h helper/denials/denials.h helper/connection.h \
 helper/denials/ring.h helper/fence/mark.h include/netfence/rule.h \
 helper/wire/buffer.h helper/life/life.h helper/base/why.h \
 helper/engines/engines.h helper/base/histogram.h helper/fence/plan.h \
 helper/fence/fence.h helper/rules.h helper/policy/ruleset.h \
 helper/base/arena.h helper/policy/who.h helper/grants/grants.h \
 helper/asker.h helper/term.h helper/resolver.h helper/base/why.h \
 helper/wire/message.h helper/session/session.h helper/session/opener.h \
 helper/wire/message.h helper/engines/engines.h helper/life/life.h \
 helper/reload/reload.h helper/granting/granting.h helper/inquiry.h \
 helper/explain/question.h helper/explain/target.h \
 helper/policy/service.h helper/verdict/verdict.h helper/log.h
helper/server.h:
helper/admin.h:
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/denials/denials.h:
helper/connection.h:
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
helper/term.h:
helper/resolver.h:
helper/base/why.h:
helper/wire/message.h:
helper/session/session.h:
helper/session/opener.h:
helper/wire/message.h:
helper/engines/engines.h:
helper/life/life.h:
helper/reload/reload.h:
helper/granting/granting.h:
helper/inquiry.h:
helper/explain/question.h:
helper/explain/target.h:
helper/policy/service.h:
helper/verdict/verdict.h:
helper/log.h:
