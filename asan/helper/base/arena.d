/tmp/w-g/asan/helper/base/arena.o: helper/base/arena.c \
 helper/base/arena.h
helper/base/arena.h:
