/tmp/w-g/asan/helper/verdict/narrower.o: helper/verdict/narrower.c \
 helper/verdict/narrower.h include/netfence/rule.h helper/verdict/tests.h
helper/verdict/narrower.h:
include/netfence/rule.h:
helper/verdict/tests.h:
