/tmp/w-g/asan/helper/iptables/xtable.o: helper/iptables/xtable.c \
 helper/iptables/xtable.h helper/base/why.h helper/iptables/entry.h \
 helper/iptables/krule.h helper/fence/mark.h helper/iptables/name.h \
 helper/fence/fence.h include/netfence/rule.h helper/base/cleanup.h
helper/iptables/xtable.h:
helper/base/why.h:
helper/iptables/entry.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/base/cleanup.h:
