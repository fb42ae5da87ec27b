/tmp/w-g/asan/helper/ctl/person.o: helper/ctl/person.c \
 helper/ctl/person.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h \
 helper/identity/identity.h helper/wire/message.h helper/policy/ruleset.h \
 helper/base/arena.h include/netfence/rule.h helper/policy/who.h \
 helper/policy/names.h
helper/ctl/person.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/identity/identity.h:
helper/wire/message.h:
helper/policy/ruleset.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/policy/names.h:
