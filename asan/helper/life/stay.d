/tmp/w-g/asan/helper/life/stay.o: helper/life/stay.c helper/life/inside.h \
 helper/grants/front.h helper/grants/grants.h helper/asker.h \
 helper/connection.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/term.h helper/rules.h helper/policy/ruleset.h helper/policy/who.h \
 helper/life/life.h helper/connection.h helper/engines/engines.h \
 helper/base/histogram.h helper/fence/plan.h helper/fence/fence.h \
 helper/resolver.h helper/base/why.h helper/wire/message.h \
 helper/wire/buffer.h helper/session/session.h helper/session/opener.h \
 helper/wire/message.h helper/session/known.h helper/session/leftover.h \
 helper/log.h helper/reaper.h helper/session/record.h \
 helper/wire/client.h
helper/life/inside.h:
helper/grants/front.h:
helper/grants/grants.h:
helper/asker.h:
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/term.h:
helper/rules.h:
helper/policy/ruleset.h:
helper/policy/who.h:
helper/life/life.h:
helper/connection.h:
helper/engines/engines.h:
helper/base/histogram.h:
helper/fence/plan.h:
helper/fence/fence.h:
helper/resolver.h:
helper/base/why.h:
helper/wire/message.h:
helper/wire/buffer.h:
helper/session/session.h:
helper/session/opener.h:
helper/wire/message.h:
helper/session/known.h:
helper/session/leftover.h:
helper/log.h:
helper/reaper.h:
helper/session/record.h:
helper/wire/client.h:
