/tmp/w-g/asan/helper/base/why.o: helper/base/why.c helper/base/why.h
helper/base/why.h:
