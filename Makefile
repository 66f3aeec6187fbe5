# casebook - `make help` lists what can be made.
#
# Out-of-tree: build/$(CFG)/ so that sanitizer and release objects never mix.
#   make CC=clang        another compiler
#   make SAN=address,undefined CFG=asan test-unit
SHELL := /bin/bash
.DEFAULT_GOAL := all

ifeq ($(origin CC),default)
CC := gcc
endif
# make V=1 shows every command
Q := $(if $(V),,@)
CFG     ?= release
SAN     ?=
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0
B       := build/$(CFG)

PKGS     := gsl xlsxwriter inih libarchive zlib expat jansson libcrypto
WARN     := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Werror
OPT      ?= -O2 -g
CPPFLAGS += -Iinclude -Isrc -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -DCB_VERSION='"$(VERSION)"'
CFLAGS   += -std=c17 $(WARN) $(OPT) -MMD -MP -pthread
# No fused multiply-add: the same bytes on every x86-64 and ARM machine.
CFLAGS   += -ffp-contract=off
CFLAGS   += $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
LDFLAGS  += -pthread $(if $(SAN),-fsanitize=$(SAN))
LDLIBS   += $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lcsv -lm
CPPFLAGS += $(shell pkg-config --cflags $(PKGS) 2>/dev/null)

PARTS    := base config ingest book stats measures report publish
LIB_SRC  := $(foreach p,$(PARTS),$(sort $(wildcard src/$(p)/*.c)))
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o)
-include src/presets/presets.mk
CLI_OBJ  := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard src/cli/*.c)))
GEN_OBJ  := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard src/sample/*.c)))

LIB      := $(B)/libcasebook.a

all: $(B)/casebook $(B)/casebook-sample  ## build the program and the generator of sample data

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(B)/casebook: $(CLI_OBJ) $(LIB)
	$(if $(V),,@echo "  LINK  $@";) $(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/casebook-sample: $(GEN_OBJ) $(LIB)
	$(if $(V),,@echo "  LINK  $@";) $(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC    $<";) $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT     := $(UNIT_SRC:tests/unit/%.c=$(B)/tests/%)
$(B)/tests/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  TEST  $@";) $(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LDLIBS) -lcmocka

# The two commands of the README install what is missing first, then call make again, which then finds the libraries.
report:  ## install what is missing, build, run `casebook all` on sample-data into reports/
	@.ci/install build
	@$(MAKE) --no-print-directory -j $$(nproc) all
	$(B)/casebook all --config sample-data/casebook.ini --cases sample-data/cases.csv --reviews sample-data/reviews.csv \
	    --customers sample-data/customers.csv --out reports --verbose

test:  ## install what is missing, build, run every test
	@.ci/install test
	@$(MAKE) --no-print-directory -j $$(nproc) all unit-programs
	@$(MAKE) --no-print-directory test-all

test-all: test-style test-clang test-unit test-cases test-sample test-end test-live test-cli
	@echo "All tests passed."

unit-programs: $(UNIT)

test-unit: $(UNIT)  ## run the unit tests
	@failed=; for t in $(UNIT); do ./$$t || failed="$$failed $$t"; done; \
	    [ -z "$$failed" ] || { echo "Failed:$$failed"; exit 1; }

differences: $(UNIT)  ## how far figures that must be equal but for rounding are from their oracles and twins
	@for t in $(UNIT); do d=$$(DIFFERENCES=1 $$t 2>/dev/null | grep 'largest difference') && \
	    printf '%-28s%s\n' "$$(basename $$t)" "$$d"; done; true

unit-%: $(B)/tests/test_%  ## run one unit test: make unit-civil
	./$<

test-cases: $(B)/casebook  ## run the case directories of tests/cases
	tests/tools/run_cases.py $(B)/casebook tests/cases

test-sample: $(B)/casebook-sample  ## check the sample data and their planted truths independently
	python3 tests/tools/check_sample.py sample-data sample-data/dirty $(B)/casebook-sample

test-style:  ## layers, banned calls, lengths
	tests/tools/style.py

ALL_SRC := $(LIB_SRC) $(wildcard src/cli/*.c src/sample/*.c tests/unit/*.c tests/sim/*.c)

test-clang:  ## the other compiler's warnings, where clang is there
	@command -v clang >/dev/null || { echo "skipped: clang is not there"; exit 0; }; \
	    printf '%s\n' $(ALL_SRC) | xargs -P $$(nproc) -n 8 clang $(CPPFLAGS) -Itests/unit -std=c17 $(WARN) -pthread -fsyntax-only && \
	    echo "clang: $(words $(ALL_SRC)) files without a warning"

test-end: $(B)/casebook $(B)/casebook-sample  ## whole runs: same bytes on any threads, zone, locale; exit statuses; short fault sweep; workbooks in LibreOffice
	tests/tools/end_to_end.py $(B)/casebook

test-live: $(B)/casebook $(B)/casebook-sample  ## workbooks in LibreOffice: live assumptions against --set, books of every shape
	tests/tools/assumptions.py $(B)/casebook
	tests/tools/scales.py $(B)/casebook

test-cli: $(B)/casebook  ## help, man page, completions, examples, Debian package, config files, privacy, many files
	CFG=$(CFG) tests/tools/command_line.py $(B)/casebook

torture: $(B)/casebook $(B)/casebook-sample  ## long fault sweep: allocations, writes, kills over `casebook all`
	tests/tools/faults.py $(B)/casebook --points 400

bench: $(B)/casebook $(B)/casebook-sample  ## time and memory on 1 M cases against DuckDB (needs node and npm)
	tests/tools/bench.py $(B)

$(B)/sim/%: tests/sim/%.c $(LIB)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  SIM   $@";) $(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LDLIBS) -lcmocka

sim: $(B)/sim/churn_coverage $(B)/sim/false_signals  ## coverage of intervals and rate of false signals on simulated books (minutes)
	$(B)/sim/churn_coverage
	$(B)/sim/false_signals

# Where zsh looks for completions differs between systems; Debian's own packages use share/zsh/vendor-completions.
ZSH_SITE := share/zsh/site-functions
SHARE    := $(DESTDIR)$(PREFIX)/share

install: all  ## install program, man page, completions and examples under PREFIX (DESTDIR honoured)
	install -D -m 755 $(B)/casebook $(DESTDIR)$(PREFIX)/bin/casebook
	install -D -m 644 src/cli/casebook.1 $(SHARE)/man/man1/casebook.1
	install -D -m 644 src/cli/completions/casebook.bash $(SHARE)/bash-completion/completions/casebook
	install -D -m 644 src/cli/completions/_casebook $(DESTDIR)$(PREFIX)/$(ZSH_SITE)/_casebook
	install -D -m 644 src/cli/completions/casebook.fish $(SHARE)/fish/vendor_completions.d/casebook.fish
	install -d $(SHARE)/doc/casebook/examples
	install -m 644 src/cli/examples/* $(SHARE)/doc/casebook/examples

deb: all  ## make a Debian package, build/release/casebook_VERSION_ARCH.deb
	CFG=$(CFG) .ci/deb $(B) $(VERSION)

clean:  ## remove what was built
	rm -rf build

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z%-]+:.*## /{printf "  %-14s %s\n",$$1,$$2}' $(MAKEFILE_LIST)

.PHONY: all report test test-all test-unit differences test-cases test-sample test-style test-clang test-end test-live test-cli torture bench sim install deb clean help
.SECONDARY:
-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(GEN_OBJ:.o=.d) $(UNIT:=.d)
