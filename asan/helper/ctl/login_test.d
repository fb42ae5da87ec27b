/tmp/w-g/asan/helper/ctl/login_test.o: helper/ctl/login_test.c \
 helper/base/cleanup.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/ctl/person.h \
 helper/identity/identity.h helper/wire/message.h helper/policy/ruleset.h \
 helper/base/arena.h include/netfence/rule.h helper/policy/who.h \
 helper/identity/subuid.h include/netfence/paths.h
helper/base/cleanup.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/ctl/person.h:
helper/identity/identity.h:
helper/wire/message.h:
helper/policy/ruleset.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/identity/subuid.h:
include/netfence/paths.h:
