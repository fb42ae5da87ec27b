/tmp/w-g/asan/helper/policy/people.o: helper/policy/people.c \
 helper/policy/people.h helper/policy/ruleset.h helper/base/arena.h \
 helper/base/why.h include/netfence/rule.h helper/policy/who.h \
 helper/policy/names.h helper/policy/reader.h helper/policy/address.h \
 helper/policy/document.h helper/policy/report.h helper/policy/service.h
helper/policy/people.h:
helper/policy/ruleset.h:
helper/base/arena.h:
helper/base/why.h:
include/netfence/rule.h:
helper/policy/who.h:
helper/policy/names.h:
helper/policy/reader.h:
helper/policy/address.h:
helper/policy/document.h:
helper/policy/report.h:
helper/policy/service.h:
