/tmp/w-g/asan/helper/term.o: helper/term.c helper/term.h \
 helper/wire/buffer.h helper/base/cleanup.h helper/wire/client.h \
 helper/base/why.h include/netfence/protocol.h helper/wire/buffer.h
helper/term.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
helper/wire/client.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
