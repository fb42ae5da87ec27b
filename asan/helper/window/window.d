/tmp/w-g/asan/helper/window/window.o: helper/window/window.c \
 helper/window/window.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/wire/message.h helper/base/why.h helper/connection.h \
 helper/wire/buffer.h helper/log.h helper/window/budget.h \
 helper/wire/client.h
helper/window/window.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/wire/message.h:
helper/base/why.h:
helper/connection.h:
helper/wire/buffer.h:
helper/log.h:
helper/window/budget.h:
helper/wire/client.h:
