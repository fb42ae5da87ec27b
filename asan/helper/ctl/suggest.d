/tmp/w-g/asan/helper/ctl/suggest.o: helper/ctl/suggest.c \
 helper/base/arena.h helper/base/cleanup.h helper/ctl/ctl.h \
 helper/base/why.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/ctl/packets.h helper/explain/target.h helper/policy/service.h \
 include/netfence/rule.h helper/verdict/verdict.h helper/ctl/person.h \
 helper/identity/identity.h helper/wire/message.h helper/policy/ruleset.h \
 helper/policy/who.h helper/ctl/screen.h helper/suggest/suggest.h
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
helper/ctl/person.h:
helper/identity/identity.h:
helper/wire/message.h:
helper/policy/ruleset.h:
helper/policy/who.h:
helper/ctl/screen.h:
helper/suggest/suggest.h:
