/tmp/w-g/asan/helper/grants/front.o: helper/grants/front.c \
 helper/grants/front.h helper/grants/grants.h helper/asker.h \
 helper/connection.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/term.h helper/rules.h helper/policy/ruleset.h helper/policy/who.h
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
