/tmp/w-g/asan/helper/explain/explain.o: helper/explain/explain.c \
 helper/explain/explain.h helper/policy/who.h helper/base/why.h \
 helper/verdict/verdict.h include/netfence/rule.h helper/verdict/words.h
helper/explain/explain.h:
helper/policy/who.h:
helper/base/why.h:
helper/verdict/verdict.h:
include/netfence/rule.h:
helper/verdict/words.h:
