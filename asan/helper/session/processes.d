/tmp/w-g/asan/helper/session/processes.o: helper/session/processes.c \
 helper/session/processes.h helper/base/cleanup.h
helper/session/processes.h:
helper/base/cleanup.h:
