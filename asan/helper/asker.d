/tmp/w-g/asan/helper/asker.o: helper/asker.c helper/asker.h \
 helper/connection.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/base/cleanup.h
helper/asker.h:
helper/connection.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
