/tmp/w-g/asan/helper/ctl/times.o: helper/ctl/times.c helper/ctl/times.h
helper/ctl/times.h:
