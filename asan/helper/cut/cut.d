/tmp/w-g/asan/helper/cut/cut.o: helper/cut/cut.c helper/cut/cut.h \
 helper/base/why.h helper/fence/fence.h include/netfence/rule.h \
 helper/cut/route.h helper/diag/diag.h helper/verdict/verdict.h
helper/cut/cut.h:
helper/base/why.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/cut/route.h:
helper/diag/diag.h:
helper/verdict/verdict.h:
