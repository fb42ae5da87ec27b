/tmp/w-g/asan/helper/policy/who.o: helper/policy/who.c \
 helper/policy/who.h helper/base/why.h helper/base/cleanup.h
helper/policy/who.h:
helper/base/why.h:
helper/base/cleanup.h:
