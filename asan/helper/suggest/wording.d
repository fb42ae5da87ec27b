/tmp/w-g/asan/helper/suggest/wording.o: helper/suggest/wording.c \
 helper/suggest/wording.h helper/base/arena.h helper/policy/service.h \
 include/netfence/rule.h helper/verdict/words.h helper/verdict/verdict.h
helper/suggest/wording.h:
helper/base/arena.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/words.h:
helper/verdict/verdict.h:
