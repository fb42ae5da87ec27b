/tmp/w-g/asan/helper/explain/answer.o: helper/explain/answer.c \
 helper/explain/answer.h helper/explain/question.h \
 helper/explain/target.h helper/base/arena.h helper/base/why.h \
 helper/policy/service.h include/netfence/rule.h helper/verdict/verdict.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/policy/ruleset.h \
 helper/policy/who.h helper/explain/explain.h helper/explain/yaml.h \
 helper/verdict/words.h
helper/explain/answer.h:
helper/explain/question.h:
helper/explain/target.h:
helper/base/arena.h:
helper/base/why.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/verdict.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/policy/ruleset.h:
helper/policy/who.h:
helper/explain/explain.h:
helper/explain/yaml.h:
helper/verdict/words.h:
