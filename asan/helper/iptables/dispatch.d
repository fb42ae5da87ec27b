/tmp/w-g/asan/helper/iptables/dispatch.o: helper/iptables/dispatch.c \
 helper/iptables/dispatch.h helper/base/why.h helper/iptables/layout.h \
 helper/fence/fence.h include/netfence/rule.h helper/iptables/krule.h \
 helper/fence/mark.h helper/iptables/name.h helper/base/cleanup.h
helper/iptables/dispatch.h:
helper/base/why.h:
helper/iptables/layout.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/base/cleanup.h:
