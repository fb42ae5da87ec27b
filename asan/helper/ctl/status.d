/tmp/w-g/asan/helper/ctl/status.o: helper/ctl/status.c \
 helper/base/cleanup.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/ctl/screen.h \
 helper/ctl/times.h
helper/base/cleanup.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/ctl/screen.h:
helper/ctl/times.h:
