/tmp/w-g/asan/helper/ctl/metrics.o: helper/ctl/metrics.c \
 helper/base/cleanup.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h
helper/base/cleanup.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
