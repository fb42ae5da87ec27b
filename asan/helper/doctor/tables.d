/tmp/w-g/asan/helper/doctor/tables.o: helper/doctor/tables.c \
 helper/doctor/tables.h helper/doctor/doctor.h helper/base/why.h \
 helper/doctor/fenced.h helper/policy/ruleset.h helper/base/arena.h \
 include/netfence/rule.h helper/policy/who.h helper/doctor/finding.h \
 helper/doctor/host.h helper/iptables/xtable.h helper/iptables/entry.h \
 helper/iptables/krule.h helper/fence/mark.h helper/iptables/name.h \
 helper/fence/fence.h helper/base/cleanup.h
helper/doctor/tables.h:
helper/doctor/doctor.h:
helper/base/why.h:
helper/doctor/fenced.h:
helper/policy/ruleset.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/doctor/finding.h:
helper/doctor/host.h:
helper/iptables/xtable.h:
helper/iptables/entry.h:
helper/iptables/krule.h:
helper/fence/mark.h:
helper/iptables/name.h:
helper/fence/fence.h:
helper/base/cleanup.h:
