/tmp/w-g/asan/helper/session/sockets.o: helper/session/sockets.c \
 helper/session/sockets.h helper/base/cleanup.h helper/diag/diag.h \
 helper/base/why.h helper/session/leftover.h helper/wire/message.h \
 include/netfence/protocol.h helper/wire/buffer.h
helper/session/sockets.h:
helper/base/cleanup.h:
helper/diag/diag.h:
helper/base/why.h:
helper/session/leftover.h:
helper/wire/message.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
