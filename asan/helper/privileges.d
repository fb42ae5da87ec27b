/tmp/w-g/asan/helper/privileges.o: helper/privileges.c \
 helper/privileges.h helper/base/why.h
helper/privileges.h:
helper/base/why.h:
