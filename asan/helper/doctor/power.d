/tmp/w-g/asan/helper/doctor/power.o: helper/doctor/power.c \
 helper/doctor/power.h
helper/doctor/power.h:
