/tmp/w-g/asan/helper/notify.o: helper/notify.c helper/notify.h \
 helper/base/cleanup.h
helper/notify.h:
helper/base/cleanup.h:
