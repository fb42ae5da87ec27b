/tmp/w-g/asan/helper/grants/grants.o: helper/grants/grants.c \
 helper/grants/grants.h helper/asker.h helper/connection.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/base/arena.h \
 helper/base/why.h include/netfence/rule.h helper/term.h
helper/grants/grants.h:
helper/asker.h:
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/term.h:
