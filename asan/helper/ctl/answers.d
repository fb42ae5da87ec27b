/tmp/w-g/asan/helper/ctl/answers.o: helper/ctl/answers.c \
 helper/ctl/answers.h helper/base/why.h helper/ctl/ctl.h \
 include/netfence/protocol.h helper/wire/buffer.h \
 helper/explain/question.h helper/explain/target.h helper/base/arena.h \
 helper/policy/service.h include/netfence/rule.h helper/verdict/verdict.h \
 helper/policy/ruleset.h helper/policy/who.h helper/base/cleanup.h \
 helper/ctl/screen.h helper/ctl/times.h helper/explain/answer.h \
 helper/explain/explain.h
helper/ctl/answers.h:
helper/base/why.h:
helper/ctl/ctl.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/explain/question.h:
helper/explain/target.h:
helper/base/arena.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/verdict.h:
helper/policy/ruleset.h:
helper/policy/who.h:
helper/base/cleanup.h:
helper/ctl/screen.h:
helper/ctl/times.h:
helper/explain/answer.h:
helper/explain/explain.h:
