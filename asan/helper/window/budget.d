/tmp/w-g/asan/helper/window/budget.o: helper/window/budget.c \
 helper/window/budget.h helper/wire/message.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h
helper/window/budget.h:
helper/wire/message.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
