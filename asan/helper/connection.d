/tmp/w-g/asan/helper/connection.o: helper/connection.c \
 helper/connection.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/stream.h
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/stream.h:
