/tmp/w-g/asan/helper/iptables/table.o: helper/iptables/table.c \
 helper/iptables/table.h helper/base/why.h helper/fence/plan.h \
 helper/fence/fence.h include/netfence/rule.h helper/iptables/compose.h \
 helper/iptables/layout.h helper/iptables/krule.h helper/fence/mark.h \
 helper/iptables/name.h helper/iptables/xtable.h helper/iptables/entry.h \
 helper/iptables/held.h
helper/iptables/table.h:
helper/base/why.h:
helper/fence/plan.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/compose.h:
helper/iptables/layout.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/iptables/xtable.h:
helper/iptables/entry.h:
helper/iptables/held.h:
