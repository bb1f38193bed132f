# Theriac. `make` alone tells what there is; a first run on a fresh machine is `make demo`.

SWIFT      ?= swift
SWIFTFLAGS ?=
THERIAC    := .build/release/theriac
OUTPUT     ?= runs/demo

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests build test test-slow demo assets bench lint format clean

help:
	@echo "Theriac measures and removes toxicity and bias in language models."
	@echo
	@echo "  make demo       set up, build, and run the demonstration on the bundled model (about 10 minutes)"
	@echo "  make build      set up and build the program: $(THERIAC) (about 7 minutes the first time)"
	@echo "  make test       set up and run the test suite"
	@echo "  make test-slow  the same with parity against Python packages, training and kill-and-resume"
	@echo
	@echo "  make setup      only what a build needs: libtorch, headers. THERIAC_LIBTORCH names one you have"
	@echo "  make bench      speed beside the peers' Python scripts, in the same minutes"
	@echo "  make assets     make the bundled model and detectors again from the data (hours)"
	@echo "  make lint       check the formatting;  make format  applies it"
	@echo "  make clean      remove what was built; keeps .venv and runs/"
	@echo
	@echo "After make build: $(THERIAC) doctor says what is found, $(THERIAC) --help what it can do."

setup:
	@Scripts/setup.sh

setup-tests:
	@Scripts/setup.sh --tests

build: setup
	@echo "build: compiling in release mode (2 to 5 minutes the first time, seconds afterwards)"
	@$(SWIFT) build -c release $(SWIFTFLAGS)
	@echo "build: $(THERIAC) is ready"

# A run that was stopped goes on where it was; to start afresh, remove its folder or name another OUTPUT.
demo: build
	@if [ -d "$(OUTPUT)" ]; then \
		echo "demo: $(OUTPUT) exists; going on where it was (remove it to start afresh)"; \
	else \
		echo "demo: measure, detoxify, measure again, report (3 to 5 minutes on two cores)"; \
	fi
	@$(THERIAC) run --output "$(OUTPUT)"

test: setup-tests
	@echo "test: compiling in debug mode (3 to 6 minutes the first time)"
	@$(SWIFT) build --build-tests $(SWIFTFLAGS)
	@echo "test: running the suite"
	@$(SWIFT) test --skip-build $(SWIFTFLAGS)

# THERIAC_SLOW_TESTS switches on the tests that need minutes: parity with Python, training, kill and resume. In release
# mode, in a build folder of its own: they draw hundreds of thousands of tokens. One after the other, since beside those
# that keep every core busy the server's tests would miss their deadlines.
test-slow: export THERIAC_SLOW_TESTS = 1
test-slow: export THERIAC_SHOW_MEASURED = 1
test-slow: setup-tests
	@echo "test-slow: compiling in release mode (4 to 8 minutes the first time)"
	@$(SWIFT) build -c release -Xswiftc -enable-testing --build-tests --scratch-path .build-slow $(SWIFTFLAGS)
	@$(SWIFT) test -c release -Xswiftc -enable-testing --skip-build --no-parallel --scratch-path .build-slow $(SWIFTFLAGS)

assets: build
	@Scripts/make-assets.sh

bench: build
	@Scripts/bench.sh

lint:
	@if $(SWIFT) format --version > /dev/null 2>&1; then \
		$(SWIFT) format lint --recursive --parallel --strict Package.swift Sources Tests; \
	else \
		echo "lint: this Swift has no 'swift format'; nothing checked"; \
	fi

format:
	@$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

clean:
	@rm -rf .build .build-*
