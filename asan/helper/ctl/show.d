/tmp/w-g/asan/helper/ctl/show.o: helper/ctl/show.c helper/base/cleanup.h \
 helper/ctl/answers.h helper/base/why.h helper/ctl/ctl.h \
 include/netfence/protocol.h helper/wire/buffer.h \
 helper/explain/question.h helper/explain/target.h helper/base/arena.h \
 helper/policy/service.h include/netfence/rule.h helper/verdict/verdict.h \
 helper/policy/ruleset.h helper/policy/who.h helper/ctl/person.h \
 helper/identity/identity.h helper/wire/message.h helper/explain/answer.h \
 helper/policy/names.h
helper/base/cleanup.h:
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
helper/ctl/person.h:
helper/identity/identity.h:
helper/wire/message.h:
helper/explain/answer.h:
helper/policy/names.h:
