/tmp/w-g/asan/helper/iptables/name.o: helper/iptables/name.c \
 helper/iptables/name.h helper/base/why.h helper/fence/fence.h \
 include/netfence/rule.h helper/base/cleanup.h
helper/iptables/name.h:
helper/base/why.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/base/cleanup.h:
