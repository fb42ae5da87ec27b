/tmp/w-g/asan/helper/session/ranges.o: helper/session/ranges.c \
 helper/session/ranges.h helper/wire/message.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h
helper/session/ranges.h:
helper/wire/message.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
