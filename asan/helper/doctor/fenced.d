/tmp/w-g/asan/helper/doctor/fenced.o: helper/doctor/fenced.c \
 helper/doctor/fenced.h helper/base/why.h helper/policy/ruleset.h \
 helper/base/arena.h include/netfence/rule.h helper/policy/who.h \
 helper/base/cleanup.h helper/doctor/host.h helper/identity/identity.h \
 helper/wire/message.h include/netfence/protocol.h helper/wire/buffer.h \
 helper/identity/subuid.h helper/policy/people.h
helper/doctor/fenced.h:
helper/base/why.h:
helper/policy/ruleset.h:
helper/base/arena.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/base/cleanup.h:
helper/doctor/host.h:
helper/identity/identity.h:
helper/wire/message.h:
include/netfence/protocol.h:
helper/wire/buffer.h:
helper/identity/subuid.h:
helper/policy/people.h:
