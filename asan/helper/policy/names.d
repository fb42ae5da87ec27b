/tmp/w-g/asan/helper/policy/names.o: helper/policy/names.c \
 helper/policy/names.h helper/base/arena.h
helper/policy/names.h:
helper/base/arena.h:
