/tmp/w-g/asan/helper/explain/grant_request.o: \
 helper/explain/grant_request.c helper/explain/grant_request.h \
 helper/explain/question.h helper/explain/target.h helper/base/arena.h \
 helper/base/why.h helper/policy/service.h include/netfence/rule.h \
 helper/verdict/verdict.h include/netfence/protocol.h \
 helper/wire/buffer.h
helper/explain/grant_request.h:
helper/explain/question.h:
helper/explain/target.h:
helper/base/arena.h:
helper/base/why.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/verdict.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
