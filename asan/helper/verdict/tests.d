/tmp/w-g/asan/helper/verdict/tests.o: helper/verdict/tests.c \
 helper/verdict/tests.h include/netfence/rule.h helper/verdict/search.h \
 helper/verdict/words.h helper/verdict/verdict.h
helper/verdict/tests.h:
include/netfence/rule.h:
helper/verdict/search.h:
helper/verdict/words.h:
helper/verdict/verdict.h:
