/tmp/w-g/asan/helper/ctl/ask.o: helper/ctl/ask.c helper/base/cleanup.h \
 helper/ctl/ctl.h helper/base/why.h include/netfence/protocol.h \
 helper/wire/buffer.h include/netfence/paths.h helper/wire/client.h
helper/base/cleanup.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
include/netfence/paths.h:
helper/wire/client.h:
