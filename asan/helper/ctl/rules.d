/tmp/w-g/asan/helper/ctl/rules.o: helper/ctl/rules.c \
 helper/base/cleanup.h helper/ctl/ctl.h helper/base/why.h \
 include/netfence/protocol.h helper/wire/buffer.h helper/policy/people.h \
 helper/policy/ruleset.h helper/base/arena.h include/netfence/rule.h \
 helper/policy/who.h
helper/base/cleanup.h:
helper/ctl/ctl.h:
helper/base/why.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/policy/people.h:
helper/policy/ruleset.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/who.h:
