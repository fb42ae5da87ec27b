/tmp/w-g/asan/helper/netfencectl.o: helper/netfencectl.c \
 helper/ctl/command.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/ctl/complete.h \
 helper/ctl/command.h helper/ctl/ctl.h helper/ctl/person.h \
 helper/identity/identity.h helper/wire/message.h helper/policy/ruleset.h \
 helper/base/arena.h include/netfence/rule.h helper/policy/who.h \
 helper/ctl/screen.h include/netfence/paths.h helper/policy/names.h
helper/ctl/command.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/ctl/complete.h:
helper/ctl/command.h:
helper/ctl/ctl.h:
helper/ctl/person.h:
helper/identity/identity.h:
helper/wire/message.h:
helper/policy/ruleset.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/ctl/screen.h:
include/netfence/paths.h:
helper/policy/names.h:
