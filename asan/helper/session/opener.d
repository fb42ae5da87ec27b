/tmp/w-g/asan/helper/session/opener.o: helper/session/opener.c \
 helper/session/opener.h helper/base/why.h helper/base/cleanup.h
helper/session/opener.h:
helper/base/why.h:
helper/base/cleanup.h:
