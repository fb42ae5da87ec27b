/tmp/w-g/asan/helper/identity/subid_service.o: \
 helper/identity/subid_service.c helper/identity/subid_service.h \
 helper/base/why.h
helper/identity/subid_service.h:
helper/base/why.h:
