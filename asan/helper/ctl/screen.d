/tmp/w-g/asan/helper/ctl/screen.o: helper/ctl/screen.c \
 helper/ctl/screen.h helper/base/cleanup.h
helper/ctl/screen.h:
helper/base/cleanup.h:
