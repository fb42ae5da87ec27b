/tmp/w-g/asan/helper/ctl/reload.o: helper/ctl/reload.c \
 helper/base/cleanup.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/ctl/times.h
helper/base/cleanup.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/ctl/times.h:
