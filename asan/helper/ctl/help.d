/tmp/w-g/asan/helper/ctl/help.o: helper/ctl/help.c helper/ctl/command.h \
 helper/ctl/ctl.h helper/base/why.h include/netfence/protocol.h \
 helper/wire/buffer.h
helper/ctl/command.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
