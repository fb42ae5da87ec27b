/tmp/w-g/asan/helper/iptables/list.o: helper/iptables/list.c \
 helper/iptables/list.h helper/base/why.h helper/fence/fence.h \
 include/netfence/rule.h helper/iptables/index.h helper/iptables/name.h \
 helper/iptables/chain.h helper/iptables/krule.h helper/fence/mark.h \
 helper/iptables/layout.h
helper/iptables/list.h:
helper/base/why.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/index.h:
helper/iptables/name.h:
helper/iptables/chain.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/layout.h:
