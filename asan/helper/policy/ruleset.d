/tmp/w-g/asan/helper/policy/ruleset.o: helper/policy/ruleset.c \
 helper/policy/ruleset.h helper/base/arena.h helper/base/why.h \
 include/netfence/rule.h helper/policy/who.h helper/base/cleanup.h \
 helper/policy/compile.h helper/policy/report.h helper/policy/service.h \
 helper/policy/document.h helper/policy/files.h helper/policy/resolvers.h \
 helper/policy/address.h helper/wire/buffer.h
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/base/cleanup.h:
helper/policy/compile.h:
helper/policy/report.h:
helper/policy/service.h:
helper/policy/document.h:
helper/policy/files.h:
helper/policy/resolvers.h:
helper/policy/address.h:
helper/wire/buffer.h:
