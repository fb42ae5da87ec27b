/tmp/w-g/asan/helper/suggest/targets.o: helper/suggest/targets.c \
 helper/suggest/targets.h helper/base/arena.h include/netfence/rule.h \
 helper/verdict/words.h helper/verdict/verdict.h
helper/suggest/targets.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/verdict/words.h:
helper/verdict/verdict.h:
