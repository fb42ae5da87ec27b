/tmp/w-g/asan/helper/session/table.o: helper/session/table.c \
 helper/base/cleanup.h helper/policy/who.h helper/base/why.h \
 helper/session/ranges.h helper/wire/message.h \
 include/netfence/protocol.h helper/wire/buffer.h \
 helper/session/session.h helper/session/opener.h helper/wire/client.h
helper/base/cleanup.h:
helper/policy/who.h:
helper/base/why.h:
helper/session/ranges.h:
helper/wire/message.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/session/session.h:
helper/session/opener.h:
helper/wire/client.h:
