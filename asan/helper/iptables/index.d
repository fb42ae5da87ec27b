/tmp/w-g/asan/helper/iptables/index.o: helper/iptables/index.c \
 helper/iptables/index.h
helper/iptables/index.h:
