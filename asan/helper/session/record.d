/tmp/w-g/asan/helper/session/record.o: helper/session/record.c \
 helper/session/record.h helper/base/why.h helper/session/session.h \
 helper/session/opener.h helper/wire/message.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/base/cleanup.h \
 include/netfence/paths.h
helper/session/record.h:
helper/base/why.h:
helper/session/session.h:
helper/session/opener.h:
helper/wire/message.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
include/netfence/paths.h:
