/tmp/w-g/asan/helper/doctor/pam.o: helper/doctor/pam.c \
 helper/base/cleanup.h helper/doctor/doctor.h helper/base/why.h \
 helper/doctor/fenced.h helper/policy/ruleset.h helper/base/arena.h \
 include/netfence/rule.h helper/policy/who.h helper/doctor/finding.h \
 helper/doctor/host.h helper/doctor/stack.h include/netfence/paths.h \
 pam_netfence/options.h
helper/base/cleanup.h:
helper/doctor/doctor.h:
helper/base/why.h:
helper/doctor/fenced.h:
helper/policy/ruleset.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/doctor/finding.h:
helper/doctor/host.h:
helper/doctor/stack.h:
include/netfence/paths.h:
pam_netfence/options.h:
