/tmp/w-g/asan/helper/ctl/packets.o: helper/ctl/packets.c \
 helper/ctl/packets.h helper/base/arena.h helper/ctl/ctl.h \
 helper/base/why.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/explain/target.h helper/policy/service.h include/netfence/rule.h \
 helper/verdict/verdict.h helper/cut/route.h helper/policy/files.h \
 helper/policy/report.h helper/policy/ruleset.h helper/policy/who.h
helper/ctl/packets.h:
helper/base/arena.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/explain/target.h:
helper/policy/service.h:
include/netfence/rule.h:
helper/verdict/verdict.h:
helper/cut/route.h:
helper/policy/files.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/policy/who.h:
