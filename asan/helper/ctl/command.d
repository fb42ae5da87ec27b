/tmp/w-g/asan/helper/ctl/command.o: helper/ctl/command.c \
 helper/ctl/command.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/policy/names.h \
 helper/base/arena.h
helper/ctl/command.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/policy/names.h:
helper/base/arena.h:
