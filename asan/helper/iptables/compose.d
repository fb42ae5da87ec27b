/tmp/w-g/asan/helper/iptables/compose.o: helper/iptables/compose.c \
 helper/iptables/compose.h helper/iptables/layout.h helper/base/why.h \
 helper/fence/fence.h include/netfence/rule.h helper/iptables/krule.h \
 helper/fence/mark.h helper/iptables/name.h helper/iptables/xtable.h \
 helper/iptables/entry.h helper/iptables/dispatch.h \
 helper/iptables/index.h
helper/iptables/compose.h:
helper/iptables/layout.h:
helper/base/why.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/iptables/xtable.h:
helper/iptables/entry.h:
helper/iptables/dispatch.h:
helper/iptables/index.h:
