/tmp/w-g/asan/helper/children.o: helper/children.c helper/children.h \
 helper/channel.h helper/fence/fence.h include/netfence/rule.h \
 helper/privileges.h helper/base/why.h helper/log.h
helper/children.h:
helper/channel.h:
helper/fence/fence.h:
include/netfence/rule.h:
helper/privileges.h:
helper/base/why.h:
helper/log.h:
