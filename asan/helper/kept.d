/tmp/w-g/asan/helper/kept.o: helper/kept.c helper/kept.h \
 helper/base/why.h helper/base/cleanup.h helper/channel.h \
 include/netfence/paths.h
helper/kept.h:
helper/base/why.h:
helper/base/cleanup.h:
helper/channel.h:
include/netfence/paths.h:
