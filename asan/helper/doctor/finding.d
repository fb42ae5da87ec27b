/tmp/w-g/asan/helper/doctor/finding.o: helper/doctor/finding.c \
 helper/doctor/finding.h helper/base/cleanup.h
helper/doctor/finding.h:
helper/base/cleanup.h:
