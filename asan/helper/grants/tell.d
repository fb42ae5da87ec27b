/tmp/w-g/asan/helper/grants/tell.o: helper/grants/tell.c \
 helper/grants/tell.h helper/grants/grants.h helper/asker.h \
 helper/connection.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/term.h helper/base/cleanup.h helper/log.h helper/verdict/words.h \
 helper/verdict/verdict.h
helper/grants/tell.h:
helper/grants/grants.h:
helper/asker.h:
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/term.h:
helper/base/cleanup.h:
helper/log.h:
helper/verdict/words.h:
helper/verdict/verdict.h:
