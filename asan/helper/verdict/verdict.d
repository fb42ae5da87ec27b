/tmp/w-g/asan/helper/verdict/verdict.o: helper/verdict/verdict.c \
 helper/verdict/verdict.h include/netfence/rule.h
helper/verdict/verdict.h:
include/netfence/rule.h:
