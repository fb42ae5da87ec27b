/tmp/w-g/asan/helper/inquiry.o: helper/inquiry.c helper/inquiry.h \
 helper/connection.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/explain/question.h helper/explain/target.h helper/base/arena.h \
 helper/base/why.h helper/policy/service.h include/netfence/rule.h \
 helper/verdict/verdict.h helper/wire/buffer.h helper/life/life.h \
 helper/connection.h helper/engines/engines.h helper/base/histogram.h \
 helper/fence/plan.h helper/fence/fence.h helper/rules.h \
 helper/policy/ruleset.h helper/policy/who.h helper/grants/grants.h \
 helper/asker.h helper/term.h helper/resolver.h helper/base/why.h \
 helper/wire/message.h helper/session/session.h helper/session/opener.h \
 helper/wire/message.h helper/base/cleanup.h helper/explain/answer.h \
 helper/explain/question.h helper/policy/ruleset.h \
 helper/explain/explain.h helper/granting/granting.h helper/life/life.h \
 helper/grants/front.h
helper/inquiry.h:
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/explain/question.h:
helper/explain/target.h:
helper/base/arena.h:
helper/base/why.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/verdict.h:
helper/wire/buffer.h:
helper/life/life.h:
helper/connection.h:
helper/engines/engines.h:
helper/base/histogram.h:
helper/fence/plan.h:
helper/fence/fence.h:
helper/rules.h:
helper/policy/ruleset.h:
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
helper/base/cleanup.h:
helper/explain/answer.h:
helper/explain/question.h:
helper/policy/ruleset.h:
helper/explain/explain.h:
helper/granting/granting.h:
helper/life/life.h:
helper/grants/front.h:
