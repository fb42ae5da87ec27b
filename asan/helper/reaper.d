/tmp/w-g/asan/helper/reaper.o: helper/reaper.c helper/reaper.h \
 helper/base/why.h helper/wire/message.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/base/cleanup.h \
 helper/log.h helper/session/processes.h
helper/reaper.h:
helper/base/why.h:
helper/wire/message.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
helper/log.h:
helper/session/processes.h:
