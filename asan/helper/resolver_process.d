/tmp/w-g/asan/helper/resolver_process.o: helper/resolver_process.c \
 helper/base/cleanup.h helper/identity/identity.h helper/base/why.h \
 helper/wire/message.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/identity/subuid.h helper/log.h helper/resolver.h \
 helper/base/why.h helper/wire/message.h helper/resolver_wire.h \
 helper/wire/client.h
helper/base/cleanup.h:
helper/identity/identity.h:
helper/base/why.h:
helper/wire/message.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/identity/subuid.h:
helper/log.h:
helper/resolver.h:
helper/base/why.h:
helper/wire/message.h:
helper/resolver_wire.h:
helper/wire/client.h:
