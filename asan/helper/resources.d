/tmp/w-g/asan/helper/resources.o: helper/resources.c helper/resources.h \
 helper/base/why.h helper/privileges.h helper/wire/message.h \
 helper/base/why.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/base/cleanup.h include/netfence/paths.h helper/notify.h
helper/resources.h:
helper/base/why.h:
helper/privileges.h:
helper/wire/message.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
include/netfence/paths.h:
helper/notify.h:
