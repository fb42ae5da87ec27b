/tmp/w-g/asan/helper/fence/crossing.o: helper/fence/crossing.c \
 helper/fence/crossing.h helper/base/arena.h helper/fence/fence.h \
 include/netfence/rule.h helper/wire/buffer.h
helper/fence/crossing.h:
helper/base/arena.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/wire/buffer.h:
