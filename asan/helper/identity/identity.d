/tmp/w-g/asan/helper/identity/identity.o: helper/identity/identity.c \
 helper/identity/identity.h helper/base/why.h helper/wire/message.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/base/cleanup.h
helper/identity/identity.h:
helper/base/why.h:
helper/wire/message.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
