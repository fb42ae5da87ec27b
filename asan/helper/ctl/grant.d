/tmp/w-g/asan/helper/ctl/grant.o: helper/ctl/grant.c \
 helper/base/cleanup.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/ctl/grid.h \
 helper/ctl/screen.h helper/ctl/person.h helper/identity/identity.h \
 helper/wire/message.h helper/policy/ruleset.h helper/base/arena.h \
 include/netfence/rule.h helper/policy/who.h helper/ctl/times.h \
 helper/explain/grant_request.h helper/explain/question.h \
 helper/explain/target.h helper/policy/service.h helper/verdict/verdict.h \
 helper/policy/names.h
helper/base/cleanup.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/ctl/grid.h:
helper/ctl/screen.h:
helper/ctl/person.h:
helper/identity/identity.h:
helper/wire/message.h:
helper/policy/ruleset.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/ctl/times.h:
helper/explain/grant_request.h:
helper/explain/question.h:
helper/explain/target.h:
helper/policy/service.h:
helper/verdict/verdict.h:
helper/policy/names.h:
