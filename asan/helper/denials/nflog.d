/tmp/w-g/asan/helper/denials/nflog.o: helper/denials/nflog.c \
 helper/denials/nflog.h helper/base/why.h helper/base/cleanup.h
helper/denials/nflog.h:
helper/base/why.h:
helper/base/cleanup.h:
