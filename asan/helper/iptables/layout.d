/tmp/w-g/asan/helper/iptables/layout.o: helper/iptables/layout.c \
 helper/iptables/layout.h helper/base/why.h helper/fence/fence.h \
 include/netfence/rule.h helper/iptables/krule.h helper/fence/mark.h \
 helper/iptables/name.h helper/base/cleanup.h helper/iptables/chain.h \
 helper/iptables/list.h helper/iptables/index.h \
 helper/iptables/dispatch.h helper/iptables/granted.h
helper/iptables/layout.h:
helper/base/why.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/base/cleanup.h:
helper/iptables/chain.h:
helper/iptables/list.h:
helper/iptables/index.h:
helper/iptables/dispatch.h:
helper/iptables/granted.h:
