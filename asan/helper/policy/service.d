/tmp/w-g/asan/helper/policy/service.o: helper/policy/service.c \
 helper/policy/service.h helper/base/arena.h include/netfence/rule.h \
 helper/policy/names.h
helper/policy/service.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/names.h:
