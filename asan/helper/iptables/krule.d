/tmp/w-g/asan/helper/iptables/krule.o: helper/iptables/krule.c \
 helper/iptables/krule.h helper/fence/mark.h helper/iptables/name.h \
 helper/base/why.h helper/fence/fence.h include/netfence/rule.h
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/base/why.h:
helper/fence/fence.h:
include/netfence/rule.h:
