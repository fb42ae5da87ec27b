/tmp/w-g/asan/helper/fence/plan.o: helper/fence/plan.c \
 helper/fence/plan.h helper/fence/fence.h include/netfence/rule.h
helper/fence/plan.h:
helper/fence/fence.h:
include/netfence/rule.h:
