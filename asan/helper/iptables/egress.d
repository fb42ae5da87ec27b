/tmp/w-g/asan/helper/iptables/egress.o: helper/iptables/egress.c \
 helper/iptables/egress.h helper/base/why.h helper/iptables/layout.h \
 helper/fence/fence.h include/netfence/rule.h helper/iptables/krule.h \
 helper/fence/mark.h helper/iptables/name.h helper/iptables/list.h \
 helper/iptables/index.h helper/iptables/chain.h \
 helper/iptables/logging.h
helper/iptables/egress.h:
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
helper/iptables/logging.h:
