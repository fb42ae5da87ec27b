/tmp/w-g/asan/pam_netfence/options.o: pam_netfence/options.c \
 pam_netfence/options.h helper/base/why.h include/netfence/paths.h
pam_netfence/options.h:
helper/base/why.h:
include/netfence/paths.h:
