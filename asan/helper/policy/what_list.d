/tmp/w-g/asan/helper/policy/what_list.o: helper/policy/what_list.c \
 helper/policy/what_list.h helper/base/arena.h include/netfence/rule.h
helper/policy/what_list.h:
helper/base/arena.h:
include/netfence/rule.h:
