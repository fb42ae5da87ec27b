/tmp/w-g/asan/helper/ctl/grid.o: helper/ctl/grid.c helper/ctl/grid.h \
 helper/ctl/screen.h helper/base/cleanup.h
helper/ctl/grid.h:
helper/ctl/screen.h:
helper/base/cleanup.h:
