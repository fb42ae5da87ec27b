/tmp/w-g/asan/helper/identity/subuid.o: helper/identity/subuid.c \
 helper/identity/subuid.h helper/base/why.h include/netfence/protocol.h \
 helper/wire/message.h helper/wire/buffer.h helper/base/cleanup.h \
 helper/identity/lines.h helper/identity/subid_service.h
helper/identity/subuid.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/message.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
helper/identity/lines.h:
helper/identity/subid_service.h:
