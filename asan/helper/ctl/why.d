/tmp/w-g/asan/helper/ctl/why.o: helper/ctl/why.c helper/base/arena.h \
 helper/base/cleanup.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/ctl/packets.h \
 helper/explain/target.h helper/policy/service.h include/netfence/rule.h \
 helper/verdict/verdict.h helper/ctl/screen.h helper/ctl/times.h \
 helper/explain/question.h include/netfence/paths.h helper/wire/client.h
helper/base/arena.h:
helper/base/cleanup.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/ctl/packets.h:
helper/explain/target.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/verdict.h:
helper/ctl/screen.h:
helper/ctl/times.h:
helper/explain/question.h:
include/netfence/paths.h:
helper/wire/client.h:
