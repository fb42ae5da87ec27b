/tmp/w-g/asan/helper/iptables/text.o: helper/iptables/text.c \
 helper/iptables/text.h helper/fence/fence.h include/netfence/rule.h \
 helper/iptables/krule.h helper/fence/mark.h helper/iptables/name.h \
 helper/base/why.h helper/fence/rate.h helper/iptables/layout.h
helper/iptables/text.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/base/why.h:
helper/fence/rate.h:
helper/iptables/layout.h:
