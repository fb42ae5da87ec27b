/tmp/w-g/asan/helper/policy/resolvers.o: helper/policy/resolvers.c \
 helper/policy/resolvers.h helper/policy/address.h helper/base/arena.h \
 helper/base/why.h include/netfence/rule.h
helper/policy/resolvers.h:
helper/policy/address.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
