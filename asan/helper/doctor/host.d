/tmp/w-g/asan/helper/doctor/host.o: helper/doctor/host.c \
 helper/doctor/host.h helper/base/why.h helper/base/cleanup.h \
 helper/wire/client.h include/netfence/protocol.h helper/wire/buffer.h
helper/doctor/host.h:
helper/base/why.h:
helper/base/cleanup.h:
helper/wire/client.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
