/tmp/w-g/asan/helper/doctor/listeners.o: helper/doctor/listeners.c \
 helper/doctor/listeners.h helper/doctor/doctor.h helper/base/why.h \
 helper/doctor/fenced.h helper/policy/ruleset.h helper/base/arena.h \
 include/netfence/rule.h helper/policy/who.h helper/doctor/finding.h \
 helper/doctor/host.h helper/base/cleanup.h helper/verdict/verdict.h
helper/doctor/listeners.h:
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
helper/verdict/verdict.h:
