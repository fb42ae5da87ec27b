/tmp/w-g/asan/helper/explain/yaml.o: helper/explain/yaml.c \
 helper/explain/yaml.h helper/policy/ruleset.h helper/base/arena.h \
 helper/base/why.h include/netfence/rule.h helper/policy/who.h \
 helper/verdict/words.h helper/verdict/verdict.h
helper/explain/yaml.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/verdict/words.h:
helper/verdict/verdict.h:
