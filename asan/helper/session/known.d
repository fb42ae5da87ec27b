/tmp/w-g/asan/helper/session/known.o: helper/session/known.c \
 helper/session/known.h helper/wire/buffer.h helper/base/cleanup.h \
 include/netfence/protocol.h
helper/session/known.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
include/netfence/protocol.h:
