/tmp/w-g/asan/helper/session/leftover.o: helper/session/leftover.c \
 helper/session/leftover.h helper/base/why.h helper/wire/message.h \
 include/netfence/protocol.h helper/wire/buffer.h \
 helper/session/processes.h helper/session/sockets.h
helper/session/leftover.h:
helper/base/why.h:
helper/wire/message.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/session/processes.h:
helper/session/sockets.h:
