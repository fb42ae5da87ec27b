/tmp/w-g/asan/helper/suggest/suggest.o: helper/suggest/suggest.c \
 helper/suggest/suggest.h helper/base/arena.h include/netfence/rule.h \
 helper/policy/service.h helper/suggest/targets.h \
 helper/suggest/wording.h helper/verdict/words.h helper/verdict/verdict.h
helper/suggest/suggest.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/service.h:
helper/suggest/targets.h:
helper/suggest/wording.h:
helper/verdict/words.h:
helper/verdict/verdict.h:
