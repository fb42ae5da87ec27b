/tmp/w-g/asan/helper/denials/packet.o: helper/denials/packet.c \
 helper/denials/packet.h helper/verdict/verdict.h include/netfence/rule.h
helper/denials/packet.h:
helper/verdict/verdict.h:
include/netfence/rule.h:
