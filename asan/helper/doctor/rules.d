/tmp/w-g/asan/helper/doctor/rules.o: helper/doctor/rules.c \
 helper/doctor/doctor.h helper/base/why.h helper/doctor/fenced.h \
 helper/policy/ruleset.h helper/base/arena.h include/netfence/rule.h \
 helper/policy/who.h helper/doctor/finding.h helper/doctor/host.h
helper/doctor/doctor.h:
helper/base/why.h:
helper/doctor/fenced.h:
helper/policy/ruleset.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/doctor/finding.h:
helper/doctor/host.h:
