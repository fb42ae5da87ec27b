/tmp/w-g/asan/helper/wire/buffer.o: helper/wire/buffer.c \
 helper/wire/buffer.h
helper/wire/buffer.h:
