/tmp/w-g/asan/helper/resolver.o: helper/resolver.c helper/resolver.h \
 helper/base/why.h helper/wire/message.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/channel.h \
 helper/log.h helper/resolver_wire.h
helper/resolver.h:
helper/base/why.h:
helper/wire/message.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/channel.h:
helper/log.h:
helper/resolver_wire.h:
