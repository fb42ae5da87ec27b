/tmp/w-g/asan/helper/window/messages.o: helper/window/messages.c \
 helper/window/window.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/wire/message.h helper/base/why.h
helper/window/window.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/wire/message.h:
helper/base/why.h:
