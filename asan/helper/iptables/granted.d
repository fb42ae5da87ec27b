/tmp/w-g/asan/helper/iptables/granted.o: helper/iptables/granted.c \
 helper/iptables/granted.h helper/base/why.h helper/iptables/layout.h \
 helper/fence/fence.h include/netfence/rule.h helper/iptables/krule.h \
 helper/fence/mark.h helper/iptables/name.h helper/iptables/list.h \
 helper/iptables/index.h helper/iptables/chain.h helper/iptables/egress.h
helper/iptables/granted.h:
helper/base/why.h:
helper/iptables/layout.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/iptables/list.h:
helper/iptables/index.h:
helper/iptables/chain.h:
helper/iptables/egress.h:
