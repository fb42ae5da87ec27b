/tmp/w-g/asan/helper/verdict/search.o: helper/verdict/search.c \
 helper/verdict/search.h include/netfence/rule.h helper/verdict/tests.h
helper/verdict/search.h:
include/netfence/rule.h:
helper/verdict/tests.h:
