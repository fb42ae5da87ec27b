/tmp/w-g/asan/helper/iptables/logging.o: helper/iptables/logging.c \
 helper/iptables/logging.h helper/base/why.h helper/iptables/layout.h \
 helper/fence/fence.h include/netfence/rule.h helper/iptables/krule.h \
 helper/fence/mark.h helper/iptables/name.h helper/iptables/chain.h \
 helper/iptables/list.h helper/iptables/index.h
helper/iptables/logging.h:
helper/base/why.h:
helper/iptables/layout.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/iptables/chain.h:
helper/iptables/list.h:
helper/iptables/index.h:
