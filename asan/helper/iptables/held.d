/tmp/w-g/asan/helper/iptables/held.o: helper/iptables/held.c \
 helper/iptables/held.h helper/fence/plan.h helper/fence/fence.h \
 include/netfence/rule.h helper/iptables/xtable.h helper/base/why.h \
 helper/iptables/entry.h helper/iptables/krule.h helper/fence/mark.h \
 helper/iptables/name.h
helper/iptables/held.h:
helper/fence/plan.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/xtable.h:
helper/base/why.h:
helper/iptables/entry.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
