/tmp/w-g/asan/helper/ctl/complete.o: helper/ctl/complete.c \
 helper/ctl/complete.h helper/ctl/command.h helper/ctl/ctl.h \
 helper/base/why.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/base/cleanup.h helper/ctl/answers.h helper/explain/question.h \
 helper/explain/target.h helper/base/arena.h helper/policy/service.h \
 include/netfence/rule.h helper/verdict/verdict.h helper/policy/ruleset.h \
 helper/policy/who.h
helper/ctl/complete.h:
helper/ctl/command.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/base/cleanup.h:
helper/ctl/answers.h:
helper/explain/question.h:
helper/explain/target.h:
helper/base/arena.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/verdict.h:
helper/policy/ruleset.h:
helper/policy/who.h:
