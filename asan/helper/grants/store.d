/tmp/w-g/asan/helper/grants/store.o: helper/grants/store.c \
 helper/grants/store.h helper/grants/grants.h helper/asker.h \
 helper/connection.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/term.h helper/fence/crossing.h helper/fence/fence.h \
 helper/wire/buffer.h helper/policy/spoken.h helper/policy/ruleset.h \
 helper/policy/who.h
helper/grants/store.h:
helper/grants/grants.h:
helper/asker.h:
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/term.h:
helper/fence/crossing.h:
helper/fence/fence.h:
helper/wire/buffer.h:
helper/policy/spoken.h:
helper/policy/ruleset.h:
helper/policy/who.h:
