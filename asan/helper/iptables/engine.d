/tmp/w-g/asan/helper/iptables/engine.o: helper/iptables/engine.c \
 helper/base/cleanup.h helper/fence/engine.h helper/base/why.h \
 helper/fence/plan.h helper/fence/fence.h include/netfence/rule.h \
 helper/iptables/entry.h helper/iptables/krule.h helper/fence/mark.h \
 helper/iptables/name.h helper/iptables/layout.h helper/iptables/table.h \
 helper/iptables/compose.h helper/iptables/xtable.h
helper/base/cleanup.h:
helper/fence/engine.h:
helper/base/why.h:
helper/fence/plan.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/entry.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/iptables/layout.h:
helper/iptables/table.h:
helper/iptables/compose.h:
helper/iptables/xtable.h:
