/tmp/w-g/asan/helper/ctl/doctor.o: helper/ctl/doctor.c \
 helper/doctor/doctor.h helper/base/why.h helper/doctor/fenced.h \
 helper/policy/ruleset.h helper/base/arena.h include/netfence/rule.h \
 helper/policy/who.h helper/doctor/finding.h helper/doctor/host.h \
 helper/base/cleanup.h helper/ctl/answers.h helper/ctl/ctl.h \
 include/netfence/protocol.h helper/wire/buffer.h \
 helper/explain/question.h helper/explain/target.h \
 helper/policy/service.h helper/verdict/verdict.h helper/ctl/screen.h
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
helper/ctl/answers.h:
helper/ctl/ctl.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/explain/question.h:
helper/explain/target.h:
helper/policy/service.h:
helper/verdict/verdict.h:
helper/ctl/screen.h:
