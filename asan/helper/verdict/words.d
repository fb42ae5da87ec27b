/tmp/w-g/asan/helper/verdict/words.o: helper/verdict/words.c \
 helper/verdict/words.h helper/verdict/verdict.h include/netfence/rule.h
helper/verdict/words.h:
helper/verdict/verdict.h:
include/netfence/rule.h:
