/tmp/w-g/asan/helper/identity/lines.o: helper/identity/lines.c \
 helper/identity/lines.h helper/base/why.h
helper/identity/lines.h:
helper/base/why.h:
