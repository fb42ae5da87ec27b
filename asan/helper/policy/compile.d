/tmp/w-g/asan/helper/policy/compile.o: helper/policy/compile.c \
 helper/policy/compile.h helper/policy/report.h helper/policy/ruleset.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/policy/who.h helper/policy/service.h helper/policy/config.h \
 helper/policy/reader.h helper/policy/address.h helper/policy/document.h \
 helper/policy/names.h helper/policy/define.h helper/policy/resolvers.h \
 helper/policy/settings.h helper/policy/written.h
helper/policy/compile.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/policy/service.h:
helper/policy/config.h:
helper/policy/reader.h:
helper/policy/address.h:
helper/policy/document.h:
helper/policy/names.h:
helper/policy/define.h:
helper/policy/resolvers.h:
helper/policy/settings.h:
helper/policy/written.h:
