/tmp/w-g/asan/helper/policy/policy_key.o: helper/policy/policy_key.c \
 helper/policy/policy_key.h helper/policy/keys.h helper/policy/reader.h \
 helper/policy/address.h helper/base/arena.h helper/base/why.h \
 include/netfence/rule.h helper/policy/document.h helper/policy/report.h \
 helper/policy/ruleset.h helper/policy/who.h helper/policy/names.h \
 helper/policy/service.h helper/policy/amount.h helper/policy/egress.h \
 helper/policy/rule.h
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
helper/policy/amount.h:
helper/policy/egress.h:
helper/policy/rule.h:
