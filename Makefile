# A thin front end to CMake, Ninja and CTest: every target does its own set-up.
# Variables: PREFIX and DESTDIR for install; DESCENT_WERROR=ON makes warnings errors; BENCH_OPTIONS,
# such as --quick for bench, and "--isa avx2 --only step" for bench-kernels.

PREFIX ?= /usr/local
DESCENT_WERROR ?= OFF
RELEASE := build/release
SOURCES = $(shell find include src cli tests bench examples -name '*.[ch]' -o -name '*.inc')

export DESTDIR
export CTEST_PARALLEL_LEVEL ?= $(shell nproc)

# $(call configure,PRESET,SETTINGS): silent, unless it fails.
configure = mkdir -p build && { cmake --preset $(1) $(2) >build/$(1).log 2>&1 || \
            { cat build/$(1).log >&2; exit 1; }; }

.DEFAULT_GOAL := build
.PHONY: build demo check check-all check-asan check-tsan check-valgrind check-clang check-neon \
        check-web tidy layers headers docs mutants bench bench-peers bench-alone bench-kernels install format format-check \
        clean help

build: $(RELEASE)/build.ninja  ## The library and the program, build/release/bin/descent
	@cmake --build $(RELEASE)

demo: $(RELEASE)/build.ninja  ## Trains a recommender on made-up ratings and asks it
	@echo "Building descent ..."
	@cmake --build $(RELEASE) --target descent-cli -- --quiet
	@$(RELEASE)/bin/descent demo

check:  ## Every test: units, command line, layers, headers, installation
	@tools/install_packages.sh build test
	@$(call configure,release,-DBUILD_TESTING=ON -DDESCENT_WERROR=$(DESCENT_WERROR))
	@cmake --build $(RELEASE)
	@ctest --preset release

check-all: check check-asan check-tsan check-valgrind check-clang check-neon check-web tidy mutants  ## check, and each of these

check-asan:  ## The tests with AddressSanitizer and UndefinedBehaviorSanitizer
check-tsan:  ## The tests with ThreadSanitizer
check-valgrind:  ## The unit tests under valgrind
check-clang:  ## The tests, compiled by clang
check-asan check-tsan check-valgrind check-clang: check-%:
	@tools/install_packages.sh build test check-all
	@$(call configure,$*,-DBUILD_TESTING=ON -DDESCENT_WERROR=$(DESCENT_WERROR))
	@cmake --build build/$*
	@ctest --preset $*

check-web:  ## The trace's page in a browser, its Markdown and LaTeX as they are set
	@tools/install_packages.sh build test web
	@$(call configure,release,-DBUILD_TESTING=ON -DDESCENT_WERROR=$(DESCENT_WERROR))
	@cmake --build $(RELEASE) --target descent-cli
	@tests/web/install.sh
	@ctest --preset web --no-tests=error

check-neon:  ## The kernels for 64-bit ARM, in an emulator
	@tools/install_packages.sh check-all
	@tools/check_neon.sh

tidy:  ## Static analysis of the library and the program by clang-tidy
	@tools/install_packages.sh build test check-all
	@$(call configure,clang,-DBUILD_TESTING=ON)
	@run-clang-tidy -quiet -p build/clang -j $(CTEST_PARALLEL_LEVEL) '/(src|cli)/.*[.]c'

mutants:  ## Plants bugs in the engine, one at a time; its tests must catch each
	@tools/install_packages.sh build test
	@tools/mutants.py

layers:  ## The direction of the includes
	@tools/install_packages.sh build
	@tools/check_layers.py

headers:  ## Every public header alone, as C17 and as C++17
	@tools/install_packages.sh build test
	@tools/check_headers.py

docs: $(RELEASE)/build.ninja  ## Pages of the headers, build/docs/html, and man pages; proof-read
	@tools/install_packages.sh docs
	@cmake --build $(RELEASE) --target generated -- --quiet
	@python3 -B tests/cli/test_manual.py $(RELEASE)/bin/descent $(RELEASE)/man/man1 docs/man
	@bash tests/test_docs.sh $(CURDIR)/build/docs
	@echo "$(CURDIR)/build/docs/html/index.html, $(CURDIR)/$(RELEASE)/man/man1"

bench:  ## descent and every installed peer in turns: build/bench
	@tools/install_packages.sh build
	@$(call configure,release,-DDESCENT_WERROR=$(DESCENT_WERROR))
	@cmake --build $(RELEASE) -- --quiet
	@python3 -B bench/peers/main.py $(BENCH_OPTIONS)

bench-peers:  ## Installs those peers, below build/peers and by apt-get
	@bench/setup_peers.sh

bench-alone: $(RELEASE)/build.ninja  ## The benchmarks that need no peer
	@cmake --build $(RELEASE) --target bench-alone

bench-kernels: $(RELEASE)/build.ninja  ## Of these, every kernel of each instruction set
	@cmake --build $(RELEASE) --target bench_kernels -- --quiet
	@$(RELEASE)/bench/bench_kernels $(BENCH_OPTIONS)

install: build  ## To PREFIX (/usr/local), below DESTDIR
	@cmake --install $(RELEASE) --prefix $(PREFIX)

format:  ## Lays out every source file by .clang-format
	@tools/install_packages.sh format
	@clang-format -i $(SOURCES)

format-check:  ## Fails where `make format` would change a line
	@tools/install_packages.sh format
	@clang-format --dry-run -Werror $(SOURCES)

clean:  ## Removes build/
	@rm -rf build

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s%s\n", $$1, $$2 }' Makefile

# The first configuration leaves out the tests, which need more packages; `make check` adds them.
$(RELEASE)/build.ninja: CMakePresets.json packaging/debian-packages.txt
	@tools/install_packages.sh build
	@$(call configure,release,-DBUILD_TESTING=OFF -DDESCENT_WERROR=$(DESCENT_WERROR))
