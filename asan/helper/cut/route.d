/tmp/w-g/asan/helper/cut/route.o: helper/cut/route.c helper/cut/route.h \
 include/netfence/rule.h
helper/cut/route.h:
include/netfence/rule.h:
