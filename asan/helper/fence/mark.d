/tmp/w-g/asan/helper/fence/mark.o: helper/fence/mark.c \
 helper/fence/mark.h include/netfence/rule.h
helper/fence/mark.h:
include/netfence/rule.h:
