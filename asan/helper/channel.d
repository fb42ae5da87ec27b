/tmp/w-g/asan/helper/channel.o: helper/channel.c helper/channel.h
helper/channel.h:
