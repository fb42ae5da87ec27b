/tmp/w-g/asan/helper/log.o: helper/log.c helper/log.h helper/journal.h
helper/log.h:
helper/journal.h:
