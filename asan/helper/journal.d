/tmp/w-g/asan/helper/journal.o: helper/journal.c helper/journal.h \
 helper/log.h helper/base/cleanup.h
helper/journal.h:
helper/log.h:
helper/base/cleanup.h:
