/tmp/w-g/asan/helper/ctl/holders.o: helper/ctl/holders.c \
 helper/ctl/holders.h helper/base/cleanup.h helper/ctl/ctl.h \
 helper/base/why.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/session/leftover.h helper/wire/message.h \
 helper/session/processes.h helper/session/sockets.h
helper/ctl/holders.h:
helper/base/cleanup.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/session/leftover.h:
helper/wire/message.h:
helper/session/processes.h:
helper/session/sockets.h:
