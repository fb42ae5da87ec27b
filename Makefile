# SPDX-License-Identifier: GPL-2.0-or-later
#
# make            everything under build/
# make help       the targets and what can be set

.DELETE_ON_ERROR:
.SUFFIXES:

VERSION    := 1.0
PREFIX     ?= /usr
SYSCONFDIR ?= /etc
RUNSTATEDIR ?= /run
LOCALSTATEDIR ?= /var
DESTDIR    ?=
BUILD      ?= build
CC         ?= cc
PKG_CONFIG ?= pkg-config
INSTALL    ?= install
CFLAGS     ?= -O2 -g

pkgs = $(shell $(PKG_CONFIG) --$(1) $(2) 2>/dev/null)

WARNINGS := -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
	-Wcast-qual -Wnull-dereference -Wundef -Wvla -Wwrite-strings -Wimplicit-fallthrough
HARDEN   := -fPIC -fstack-protector-strong -fstack-clash-protection -fcf-protection
ifeq ($(findstring -O0,$(CFLAGS))$(findstring -fsanitize,$(CFLAGS)),)
HARDEN   += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
ifdef CI
WERROR   := -Werror
endif
DEFINES  := -D_GNU_SOURCE -DNETFENCE_VERSION='"$(VERSION)"' \
	-DNETFENCE_CONFDIR='"$(SYSCONFDIR)/netfence"' \
	-DNETFENCE_RUNDIR='"$(RUNSTATEDIR)/netfence"' \
	-DNETFENCE_STATEDIR='"$(LOCALSTATEDIR)/lib/netfence"'
COMPILE   = $(CC) -std=gnu17 -MMD -MP -Iinclude -Ihelper -I. $(DEFINES) $(WARNINGS) $(WERROR) \
	$(HARDEN) $(CPPFLAGS) $(CFLAGS)
LINK      = $(CC) $(CFLAGS) $(LDFLAGS) -Wl,-z,relro,-z,now

# ---------------------------------------------------------------- what is built from what

# Everything of the helper but the three files with a main() or a process of their own.
MAINS      := helper/netfenced.c helper/netfencectl.c
HELPER_SRC := $(filter-out $(MAINS),$(wildcard helper/*.c helper/*/*.c)) pam_netfence/options.c
MODULE_SRC := $(wildcard pam_netfence/*.c) helper/wire/buffer.c helper/wire/message.c \
	helper/wire/client.c helper/policy/who.c helper/base/why.c $(wildcard helper/identity/*.c)
UNIT_SRC   := $(wildcard tests/unit/test_*.c)
TOOL_SRC   := $(wildcard tests/tools/*.c)
PAMTEST_SRC := $(wildcard tests/pam/test_*.c)
ENGINETEST_SRC := $(wildcard tests/engine/test_*.c)

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))

LIBRARY  := $(BUILD)/libhelper.a
MODULE   := $(BUILD)/pam_netfence.so
PROGRAMS := $(BUILD)/netfenced $(BUILD)/netfencectl
UNITS    := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(UNIT_SRC))
PAMTESTS := $(patsubst tests/pam/%.c,$(BUILD)/tests/pam/%,$(PAMTEST_SRC))
ENGINETESTS := $(patsubst tests/engine/%.c,$(BUILD)/tests/engine/%,$(ENGINETEST_SRC))
TOOLS    := $(patsubst tests/tools/%.c,$(BUILD)/tests/tools/%,$(TOOL_SRC))

HELPER_LIBS = $(call pkgs,libs,yaml-0.1 libevent_core libcap-ng \
	json-c libmnl)

all: $(MODULE) $(PROGRAMS)

# The folders are compiled in: other ones mean other objects.
$(BUILD)/folders: always
	@mkdir -p $(@D)
	@echo '$(SYSCONFDIR) $(RUNSTATEDIR) $(LOCALSTATEDIR)' | cmp -s - $@ || \
		echo '$(SYSCONFDIR) $(RUNSTATEDIR) $(LOCALSTATEDIR)' > $@

$(BUILD)/%.o: %.c Makefile $(BUILD)/folders
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(LIBRARY): $(call obj,$(HELPER_SRC))
	@rm -f $@
	$(AR) rcs $@ $^

$(MODULE): $(call obj,$(MODULE_SRC)) pam_netfence/pam_netfence.map
	$(LINK) -shared -Wl,--version-script=pam_netfence/pam_netfence.map -Wl,--no-undefined \
		-Wl,--as-needed -o $@ $(filter %.o,$^) -lpam $(LDLIBS)

$(BUILD)/netfenced: $(call obj,helper/netfenced.c) $(LIBRARY)
	$(LINK) -pie -Wl,--as-needed -o $@ $^ $(HELPER_LIBS) $(LDLIBS)

$(BUILD)/netfencectl: $(call obj,helper/netfencectl.c) $(LIBRARY)
	$(LINK) -pie -Wl,--as-needed -o $@ $^ $(HELPER_LIBS) $(LDLIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	$(LINK) -pie -o $@ $^ $(HELPER_LIBS) $(call pkgs,libs,cmocka) $(LDLIBS)

$(BUILD)/tests/pam/%: $(BUILD)/tests/pam/%.o $(LIBRARY)
	$(LINK) -pie -o $@ $^ $(call pkgs,libs,cmocka) -lpam $(LDLIBS)

# The module's tests load it as it was built, and name services that do what a test wants.
SERVICES := $(BUILD)/tests/pam/libnss_scripted.so.2

$(SERVICES): tests/pam/services.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -shared -o $@ $<
	@ln -sf $(@F) $(@D)/libsubid_scripted.so

$(PAMTESTS): | $(MODULE) $(SERVICES)

# A directory for the throwaway world.
DIRECTORY := $(BUILD)/tests/lib/libnss_directory.so.2

$(DIRECTORY): tests/lib/nss/directory.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -shared -o $@ $<

$(BUILD)/tests/engine/%: $(BUILD)/tests/engine/%.o $(LIBRARY)
	$(LINK) -pie -o $@ $^ $(HELPER_LIBS) $(call pkgs,libs,cmocka libip4tc) $(LDLIBS)

$(BUILD)/tests/tools/%: $(BUILD)/tests/tools/%.o $(LIBRARY)
	$(LINK) -pie -o $@ $^ $(HELPER_LIBS) $(LDLIBS)

-include $(patsubst %.o,%.d,$(call obj,$(MAINS) $(HELPER_SRC) $(MODULE_SRC) $(UNIT_SRC) \
	$(PAMTEST_SRC) $(ENGINETEST_SRC) $(TOOL_SRC)))

# The harnesses, and what they need, once more with sanitizers: gcc's or clang's for the corpus that
# `make check` runs, clang's with libFuzzer for `make fuzz`.
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_LIB := $(wildcard helper/base/*.c helper/wire/*.c helper/verdict/*.c helper/policy/*.c \
	helper/fence/*.c) helper/explain/question.c helper/explain/grant_request.c \
	helper/grants/grants.c helper/grants/store.c helper/term.c helper/window/messages.c \
	helper/denials/nflog.c helper/denials/packet.c helper/denials/ring.c helper/denials/ring_bytes.c
FUZZERS  := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(FUZZ_SRC))
CORPORA  := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/tests/fuzz/corpus_%,$(FUZZ_SRC))
SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=all
sanitizers_of = $(shell echo 'int main(void) { return 0; }' | \
	$(1) $(SANITIZERS) -x c -o /dev/null - 2>/dev/null && echo $(SANITIZERS) || echo -DPLAIN)
SANITIZE  = $(eval SANITIZE := $(call sanitizers_of,$(CC)))$(SANITIZE)
CLANG    ?= clang
FUZZING   = -fsanitize=fuzzer-no-link $(SANITIZERS)
COMPILE_FUZZ = -std=gnu17 -MMD -MP -Iinclude -Ihelper $(DEFINES) $(CPPFLAGS) -O1 -g

$(BUILD)/sanitized/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(COMPILE_FUZZ) $(SANITIZE) -c -o $@ $<

$(BUILD)/sanitized/corpus_%.o: tests/fuzz/corpus.c Makefile
	@mkdir -p $(@D)
	$(CC) $(COMPILE_FUZZ) $(SANITIZE) -DNAME='"$*"' -DCORPUS='"$(CURDIR)/tests/fuzz/$*"' -c -o $@ $<

$(BUILD)/fuzzing/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CLANG) $(COMPILE_FUZZ) $(FUZZING) -c -o $@ $<

$(BUILD)/tests/fuzz/corpus_%: $(BUILD)/sanitized/corpus_%.o $(BUILD)/sanitized/tests/fuzz/fuzz_%.o \
	$(FUZZ_LIB:%.c=$(BUILD)/sanitized/%.o)
	@mkdir -p $(@D)
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(call pkgs,libs,yaml-0.1 libmnl) $(LDLIBS)

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/fuzzing/tests/fuzz/fuzz_%.o \
	$(FUZZ_LIB:%.c=$(BUILD)/fuzzing/%.o)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZING) -fsanitize=fuzzer -o $@ $^ $(call pkgs,libs,yaml-0.1 libmnl)

-include $(foreach room,sanitized fuzzing,$(patsubst %.c,$(BUILD)/$(room)/%.d,$(FUZZ_LIB) $(FUZZ_SRC)))

$(BUILD)/tests/unit/test_policy_examples.o: CPPFLAGS += -DCONFIG='"$(CURDIR)/config"'

units: $(UNITS)
tools: $(TOOLS)
pamtests: $(PAMTESTS) $(MODULE)
enginetests: $(ENGINETESTS)

# ---------------------------------------------------------------- tests, demo, lint

WORLDTOOLS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/lib/*.c))

$(BUILD)/tests/lib/%: $(BUILD)/tests/lib/%.o
	$(LINK) -pie -Wl,--as-needed -o $@ $^ -lpam $(LDLIBS)

-include $(WORLDTOOLS:=.d)

# What is preloaded into netfenced to make memory, fork and the like fail.
SHIM := $(BUILD)/tests/faults/shim.so

$(SHIM): tests/faults/shim.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -shared -o $@ $<

# Objects of test programs are kept, as all others are.
.SECONDARY:

# Packages first, then the compiler: nothing of this may run before it.
PARALLEL = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
BUILT    = $(abspath $(BUILD))

deps:
	@tests/deps.sh build unit $$([ $$(id -u) != 0 ] || echo world)

# What `make install` puts where, for the throwaway world to take it from.
stage: all $(WORLDTOOLS) $(DIRECTORY) $(SHIM)
	@rm -rf $(BUILT)/stage
	@$(MAKE) --no-print-directory install DESTDIR=$(BUILT)/stage >/dev/null

check: deps
	@$(MAKE) --no-print-directory $(PARALLEL) stage $(UNITS) $(CORPORA) $(PAMTESTS) $(ENGINETESTS)
	@BUILD=$(BUILT) tests/lib/check.sh unit $(UNITS) $(CORPORA) pam $(PAMTESTS) engine $(ENGINETESTS)

# What is found goes to build/; what is worth keeping is copied to tests/fuzz/NAME by hand.
FUZZ_SECONDS ?= 60

fuzz: $(FUZZERS)
	@for fuzzer in $(FUZZERS); do \
		name=$${fuzzer##*/fuzz_} && mkdir -p $(BUILT)/found/$$name && \
		$$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=4096 \
			-print_final_stats=1 -artifact_prefix=$(BUILT)/found/ \
			$$(test ! -e tests/fuzz/$$name.dict || echo -dict=tests/fuzz/$$name.dict) \
			$(BUILT)/found/$$name tests/fuzz/$$name || exit; done

demo: deps
	@$(MAKE) --no-print-directory $(PARALLEL) stage
	@BUILD=$(BUILT) tests/demo.sh

SHELL_SCRIPTS = tests/deps.sh tests/demo.sh tests/lib/world tests/lib/check.sh \
	tests/lib/hosts.sh tests/lib/install.sh tests/lib/machine.sh tests/lib/netfence.bash \
	tests/lib/unrest.bash tests/lib/firewalls.bash tests/lib/talk.bash tests/lint/arrows.sh \
	config/folders.sh \
	config/completions/netfencectl.bash .ci/run

# cppcheck knows neither __attribute__((cleanup)) nor that a string in a table may be absent.
CPPCHECK_NOT := missingInclude memleak incorrectStringBooleanError arrayIndexThenCheck

lint:
	@tests/deps.sh build unit lint
	clang-format --dry-run -Werror $$(find include helper pam_netfence tests -name '*.[ch]')
	tests/lint/arrows.sh
	shellcheck -x -P SCRIPTDIR $(SHELL_SCRIPTS)
	@for page in $$(find helper pam_netfence config -name '*.[1-8]'); do \
		echo "mandoc -Tlint -Wwarning $$page"; mandoc -Tlint -Wwarning $$page || exit; done
	@for compiler in gcc clang; do \
		$(MAKE) --no-print-directory $(PARALLEL) BUILD=$(BUILT)/lint-$$compiler CC=$$compiler \
			WERROR=-Werror all $(patsubst $(BUILD)/%,$(BUILT)/lint-$$compiler/%, \
			$(UNITS) $(PAMTESTS) $(ENGINETESTS) $(WORLDTOOLS) $(SHIM)) || exit; done
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		$(CPPCHECK_NOT:%=--suppress=%) --inline-suppr -j 2 -Iinclude -Ihelper -I. \
		-D__GNUC__ -D_GNU_SOURCE --include=tests/lint/loops.h helper pam_netfence

.PHONY: deps stage check fuzz demo lint

# ---------------------------------------------------------------- bench

BENCHTOOLS := $(patsubst tests/bench/%.c,$(BUILD)/tests/bench/%,$(wildcard tests/bench/*.c))
RESULTS    ?= bench-results

$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(LIBRARY)
	$(LINK) -pie -o $@ $^ $(HELPER_LIBS) $(call pkgs,libs,libip4tc) -lpam $(LDLIBS)

-include $(BENCHTOOLS:=.d)

bench bench-short: deps
	@command -v gnuplot >/dev/null || echo "bench: no gnuplot: tables only, no plots"
	@$(MAKE) --no-print-directory $(PARALLEL) stage $(BENCHTOOLS)
	@BUILD=$(BUILT) tests/bench/rules.sh
	@BUILD=$(BUILT) tests/bench/bench.sh $(RESULTS) $(patsubst bench-%,%,$(filter bench-short,$@))

.PHONY: bench bench-short

# ---------------------------------------------------------------- install, uninstall, help

SBINDIR  = $(PREFIX)/sbin
BINDIR   = $(PREFIX)/bin
MANDIR   = $(PREFIX)/share/man
DOCDIR   = $(PREFIX)/share/doc/netfence
UNITDIR  = $(PREFIX)/lib/systemd/system
CONFDIR  = $(SYSCONFDIR)/netfence
RUNDIR   = $(RUNSTATEDIR)/netfence
STATEDIR = $(LOCALSTATEDIR)/lib/netfence

# Where this system's libpam looks for modules: the compiler knows the triplet, the modules that
# are always there tell the folder.
TRIPLETS = $(shell $(CC) -print-multiarch 2>/dev/null; $(CC) -dumpmachine | sed 's/-[^-]*-linux/-linux/')
PAMDIR  ?= $(firstword $(patsubst %/,%,$(dir $(wildcard $(foreach module,pam_permit.so pam_unix.so, \
	$(foreach dir,$(TRIPLETS:%=/usr/lib/%) $(TRIPLETS:%=/lib/%) /usr/lib64 /lib64 /usr/lib /lib, \
	$(dir)/security/$(module)))))))
# pam-auth-update reads this folder alone, whatever the PREFIX; elsewhere nobody knows profiles.
PAMCONFIGDIR ?= $(wildcard /usr/share/pam-configs)

# Debian's zsh looks elsewhere than everybody else's.
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/$(if $(wildcard /etc/debian_version),vendor-completions,site-functions)
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
COMPLETIONS = $(BASHCOMPDIR)/netfencectl $(ZSHCOMPDIR)/_netfencectl $(FISHCOMPDIR)/netfencectl.fish

MANPAGES = $(wildcard pam_netfence/*.8 helper/*.1 helper/*.5 helper/*.7 helper/*.8)
EXAMPLES = $(patsubst config/%,%,$(wildcard config/netfence.yaml config/*/*.yaml))
TEXTS    = README INSTALL ARCHITECTURE COPYING

# What config/*.in leave open.
FILL = sed -e 's|@SBINDIR@|$(SBINDIR)|g' -e 's|@BINDIR@|$(BINDIR)|g' -e 's|@DOCDIR@|$(DOCDIR)|g' \
	-e 's|@CONFDIR@|$(CONFDIR)|g' -e 's|@STATEDIR@|$(STATEDIR)|g' -e 's|@RUNDIR@|$(RUNDIR)|g' \
	-e "s|@MODULES@|$$(sed '/^\#/d' config/modules-load.conf | xargs)|"
fill = @echo "fill in config/$(1).in > $(DESTDIR)$(2)"; \
	rm -f $(DESTDIR)$(2) && $(FILL) config/$(1).in > $(DESTDIR)$(2) && chmod 0644 $(DESTDIR)$(2)

FOLDERS = DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' CONFDIR='$(CONFDIR)' \
	STATEDIR='$(STATEDIR)' RUNDIR='$(RUNDIR)' FORCE='$(FORCE)' config/folders.sh

install: all
	@test -n "$(PAMDIR)" || { echo "PAMDIR: no folder of PAM modules found; say where it is" >&2; exit 1; }
	$(INSTALL) -d $(addprefix $(DESTDIR),$(PAMDIR) $(SBINDIR) $(BINDIR) $(UNITDIR) \
		$(PREFIX)/lib/sysusers.d $(PREFIX)/lib/tmpfiles.d $(PREFIX)/lib/modules-load.d \
		$(PAMCONFIGDIR) $(DOCDIR) $(dir $(COMPLETIONS)) $(MANDIR)/man1 $(MANDIR)/man5 $(MANDIR)/man7 $(MANDIR)/man8)
	$(INSTALL) -m 0644 $(MODULE) $(DESTDIR)$(PAMDIR)/
	$(INSTALL) -m 0755 $(BUILD)/netfenced $(DESTDIR)$(SBINDIR)/
	$(INSTALL) -m 0755 $(BUILD)/netfencectl $(DESTDIR)$(BINDIR)/
	$(call fill,netfenced.service,$(UNITDIR)/netfenced.service)
	$(call fill,netfenced.socket,$(UNITDIR)/netfenced.socket)
	$(call fill,netfence-metrics.service,$(UNITDIR)/netfence-metrics.service)
	$(INSTALL) -m 0644 config/netfence-metrics.timer $(DESTDIR)$(UNITDIR)/
	$(INSTALL) -m 0644 config/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/netfence.conf
	$(call fill,tmpfiles.conf,$(PREFIX)/lib/tmpfiles.d/netfence.conf)
	$(INSTALL) -m 0644 config/modules-load.conf $(DESTDIR)$(PREFIX)/lib/modules-load.d/netfence.conf
	@test -z "$(PAMCONFIGDIR)" || \
		$(INSTALL) -m 0644 config/pam-configs $(DESTDIR)$(PAMCONFIGDIR)/netfence
	$(INSTALL) -m 0644 config/completions/netfencectl.bash $(DESTDIR)$(BASHCOMPDIR)/netfencectl
	$(INSTALL) -m 0644 config/completions/netfencectl.zsh $(DESTDIR)$(ZSHCOMPDIR)/_netfencectl
	$(INSTALL) -m 0644 config/completions/netfencectl.fish $(DESTDIR)$(FISHCOMPDIR)/netfencectl.fish
	@for page in $(MANPAGES); do \
		$(INSTALL) -m 0644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/ || exit; done
	$(INSTALL) -m 0644 $(TEXTS) $(DESTDIR)$(DOCDIR)/
	@for file in $(EXAMPLES); do \
		$(INSTALL) -d $(DESTDIR)$(DOCDIR)/examples/$$(dirname $${file#examples/}) && \
		$(INSTALL) -m 0644 config/$$file $(DESTDIR)$(DOCDIR)/examples/$${file#examples/} || exit; \
	done
	@$(FILL) config/initial.yaml.in | $(FOLDERS) make

# What an administrator wrote stays, and so does the account.
uninstall:
	@$(FOLDERS) may-go
	rm -f $(addprefix $(DESTDIR),$(PAMDIR)/pam_netfence.so $(SBINDIR)/netfenced \
		$(BINDIR)/netfencectl $(UNITDIR)/netfenced.service $(UNITDIR)/netfenced.socket \
		$(UNITDIR)/netfence-metrics.service $(UNITDIR)/netfence-metrics.timer \
		$(PREFIX)/lib/sysusers.d/netfence.conf $(PREFIX)/lib/tmpfiles.d/netfence.conf \
		$(PREFIX)/lib/modules-load.d/netfence.conf $(if $(PAMCONFIGDIR),$(PAMCONFIGDIR)/netfence) \
		$(foreach page,$(MANPAGES),$(MANDIR)/man$(patsubst .%,%,$(suffix $(page)))/$(notdir $(page))) \
		$(COMPLETIONS) $(TEXTS:%=$(DOCDIR)/%) $(patsubst %,$(DOCDIR)/examples/%,$(EXAMPLES:examples/%=%)))
	@$(FILL) config/initial.yaml.in | $(FOLDERS) take-away

help:
	@cat config/help

.PHONY: install uninstall help

clean:
	rm -rf $(BUILD)

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

.PHONY: all always units tools pamtests enginetests clean format
