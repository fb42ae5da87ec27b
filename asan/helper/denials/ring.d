/tmp/w-g/asan/helper/denials/ring.o: helper/denials/ring.c \
 helper/denials/ring.h helper/fence/mark.h include/netfence/rule.h \
 helper/wire/buffer.h helper/base/cleanup.h helper/fence/rate.h \
 include/netfence/protocol.h
helper/denials/ring.h:
helper/fence/mark.h:
include/netfence/rule.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
helper/fence/rate.h:
include/netfence/protocol.h:
