/tmp/w-g/asan/helper/policy/rule.o: helper/policy/rule.c \
 helper/policy/rule.h helper/policy/reader.h helper/policy/address.h \
 helper/base/arena.h helper/base/why.h include/netfence/rule.h \
 helper/policy/document.h helper/policy/report.h helper/policy/ruleset.h \
 helper/policy/who.h helper/policy/names.h helper/policy/service.h \
 helper/policy/amount.h helper/policy/define.h helper/policy/keys.h \
 helper/policy/text.h helper/policy/what.h helper/policy/what_list.h
helper/policy/rule.h:
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
helper/policy/define.h:
helper/policy/keys.h:
helper/policy/text.h:
helper/policy/what.h:
helper/policy/what_list.h:
