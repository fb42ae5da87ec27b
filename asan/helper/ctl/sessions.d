/tmp/w-g/asan/helper/ctl/sessions.o: helper/ctl/sessions.c \
 helper/base/cleanup.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/ctl/grid.h \
 helper/ctl/screen.h helper/ctl/holders.h helper/ctl/times.h
helper/base/cleanup.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/ctl/grid.h:
helper/ctl/screen.h:
helper/ctl/holders.h:
helper/ctl/times.h:
