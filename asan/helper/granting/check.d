/tmp/w-g/asan/helper/granting/check.o: helper/granting/check.c \
 helper/granting/check.h helper/explain/grant_request.h \
 helper/explain/question.h helper/explain/target.h helper/base/arena.h \
 helper/base/why.h helper/policy/service.h include/netfence/rule.h \
 helper/verdict/verdict.h include/netfence/protocol.h \
 helper/wire/buffer.h helper/grants/grants.h helper/asker.h \
 helper/connection.h helper/wire/buffer.h helper/term.h \
 helper/life/life.h helper/connection.h helper/engines/engines.h \
 helper/base/histogram.h helper/fence/plan.h helper/fence/fence.h \
 helper/rules.h helper/policy/ruleset.h helper/policy/who.h \
 helper/resolver.h helper/base/why.h helper/wire/message.h \
 helper/session/session.h helper/session/opener.h helper/wire/message.h \
 helper/base/cleanup.h helper/explain/explain.h helper/policy/spoken.h \
 helper/policy/ruleset.h helper/policy/text.h helper/policy/report.h
helper/granting/check.h:
helper/explain/grant_request.h:
helper/explain/question.h:
helper/explain/target.h:
helper/base/arena.h:
helper/base/why.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/verdict.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/grants/grants.h:
helper/asker.h:
helper/connection.h:
helper/wire/buffer.h:
helper/term.h:
helper/life/life.h:
helper/connection.h:
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
helper/session/session.h:
helper/session/opener.h:
helper/wire/message.h:
helper/base/cleanup.h:
helper/explain/explain.h:
helper/policy/spoken.h:
helper/policy/ruleset.h:
helper/policy/text.h:
helper/policy/report.h:
