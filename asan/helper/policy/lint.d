/tmp/w-g/asan/helper/policy/lint.o: helper/policy/lint.c \
 helper/policy/lint.h helper/policy/policy_key.h helper/policy/keys.h \
 helper/policy/reader.h helper/policy/address.h helper/base/arena.h \
 helper/base/why.h include/netfence/rule.h helper/policy/document.h \
 helper/policy/report.h helper/policy/ruleset.h helper/policy/who.h \
 helper/policy/names.h helper/policy/service.h
helper/policy/lint.h:
helper/policy/policy_key.h:
helper/policy/keys.h:
helper/policy/reader.h:
helper/policy/address.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/document.h:
helper/policy/report.h:
helper/policy/ruleset.h:
helper/policy/who.h:
helper/policy/names.h:
helper/policy/service.h:
