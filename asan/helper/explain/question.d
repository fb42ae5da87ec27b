/tmp/w-g/asan/helper/explain/question.o: helper/explain/question.c \
 helper/explain/question.h helper/explain/target.h helper/base/arena.h \
 helper/base/why.h helper/policy/service.h include/netfence/rule.h \
 helper/verdict/verdict.h include/netfence/protocol.h \
 helper/wire/buffer.h
helper/explain/question.h:
helper/explain/target.h:
helper/base/arena.h:
helper/base/why.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/verdict.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
