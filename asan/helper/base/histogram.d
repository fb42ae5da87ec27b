/tmp/w-g/asan/helper/base/histogram.o: helper/base/histogram.c \
 helper/base/histogram.h
helper/base/histogram.h:
