/tmp/w-g/asan/helper/stream.o: helper/stream.c helper/stream.h \
 include/netfence/protocol.h helper/wire/buffer.h
helper/stream.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
