/tmp/w-g/asan/helper/wire/client.o: helper/wire/client.c \
 helper/wire/client.h helper/base/why.h include/netfence/protocol.h \
 helper/wire/buffer.h helper/base/cleanup.h
helper/wire/client.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
