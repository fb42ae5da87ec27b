/tmp/w-g/asan/helper/explain/target.o: helper/explain/target.c \
 helper/explain/target.h helper/base/arena.h helper/base/why.h \
 helper/policy/service.h include/netfence/rule.h helper/verdict/verdict.h \
 helper/policy/address.h helper/policy/what.h helper/policy/what_list.h
helper/explain/target.h:
helper/base/arena.h:
helper/base/why.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/verdict.h:
helper/policy/address.h:
helper/policy/what.h:
helper/policy/what_list.h:
