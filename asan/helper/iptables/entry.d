/tmp/w-g/asan/helper/iptables/entry.o: helper/iptables/entry.c \
 helper/iptables/entry.h helper/iptables/krule.h helper/fence/mark.h \
 helper/iptables/name.h helper/base/why.h helper/fence/fence.h \
 include/netfence/rule.h helper/fence/rate.h
helper/iptables/entry.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/base/why.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/fence/rate.h:
