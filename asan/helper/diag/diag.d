/tmp/w-g/asan/helper/diag/diag.o: helper/diag/diag.c helper/diag/diag.h \
 helper/base/why.h
helper/diag/diag.h:
helper/base/why.h:
