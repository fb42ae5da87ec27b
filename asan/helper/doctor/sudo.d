/tmp/w-g/asan/helper/doctor/sudo.o: helper/doctor/sudo.c \
 helper/doctor/sudo.h helper/doctor/doctor.h helper/base/why.h \
 helper/doctor/fenced.h helper/policy/ruleset.h helper/base/arena.h \
 include/netfence/rule.h helper/policy/who.h helper/doctor/finding.h \
 helper/doctor/host.h helper/base/cleanup.h helper/doctor/power.h \
 helper/doctor/stack.h
helper/doctor/sudo.h:
helper/doctor/doctor.h:
helper/base/why.h:
helper/doctor/fenced.h:
helper/policy/ruleset.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/doctor/finding.h:
helper/doctor/host.h:
helper/base/cleanup.h:
helper/doctor/power.h:
helper/doctor/stack.h:
