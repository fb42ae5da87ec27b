/tmp/w-g/asan/helper/iptables/chain.o: helper/iptables/chain.c \
 helper/iptables/chain.h helper/base/why.h helper/iptables/krule.h \
 helper/fence/mark.h helper/iptables/name.h helper/fence/fence.h \
 include/netfence/rule.h helper/iptables/layout.h helper/iptables/list.h \
 helper/iptables/index.h helper/iptables/egress.h \
 helper/iptables/logging.h
helper/iptables/chain.h:
helper/base/why.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/layout.h:
helper/iptables/list.h:
helper/iptables/index.h:
helper/iptables/egress.h:
helper/iptables/logging.h:
