/tmp/w-g/asan/helper/wire/message.o: helper/wire/message.c \
 helper/wire/message.h helper/base/why.h include/netfence/protocol.h \
 helper/wire/buffer.h include/netfence/rule.h
helper/wire/message.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
include/netfence/rule.h:
