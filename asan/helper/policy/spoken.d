/tmp/w-g/asan/helper/policy/spoken.o: helper/policy/spoken.c \
 helper/policy/spoken.h helper/policy/ruleset.h helper/base/arena.h \
 helper/base/why.h include/netfence/rule.h helper/policy/who.h \
 helper/policy/files.h helper/policy/report.h helper/policy/reader.h \
 helper/policy/address.h helper/policy/document.h helper/policy/names.h \
 helper/policy/service.h helper/policy/resolvers.h helper/policy/rule.h \
 helper/policy/text.h helper/policy/what.h helper/policy/what_list.h
helper/policy/spoken.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/policy/files.h:
helper/policy/report.h:
helper/policy/reader.h:
helper/policy/address.h:
helper/policy/document.h:
helper/policy/names.h:
helper/policy/service.h:
helper/policy/resolvers.h:
helper/policy/rule.h:
helper/policy/text.h:
helper/policy/what.h:
helper/policy/what_list.h:
