/tmp/w-g/asan/helper/doctor/stack.o: helper/doctor/stack.c \
 helper/doctor/stack.h helper/base/why.h helper/doctor/host.h \
 helper/base/cleanup.h
helper/doctor/stack.h:
helper/base/why.h:
helper/doctor/host.h:
helper/base/cleanup.h:
