# What everybody needs: `make demo` and `make test`. `make` alone lists the rest.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON ?= python3
comma := ,
VENV := .venv
BIN := $(VENV)/bin
# Wheels are built with a profile where that can be done: rustup component add llvm-tools. It takes 10% off most rows.
# Training runs with the packages of the environment that builds, because what is built has none of its own.
PGO = $(if $(wildcard $(shell rustc --print sysroot)/lib/rustlib/*/bin/llvm-profdata),--pgo)
PGO_OF = $$($(call PACKAGES_OF,$(BIN)/python) $(1) -c 'import msgspec, sortedcontainers' 2> /dev/null && echo $(PGO))
PACKAGES_OF = PYTHONPATH=$$($(1) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
CORE_SOURCES := Cargo.toml Cargo.lock $(shell find rust/core rust/py -name '*.rs' -o -name Cargo.toml)

# $(call step,WHAT IT DOES,COMMAND): run COMMAND, quiet unless it fails, and show how long it has taken.
step = log=$$(mktemp); trap 'rm -f "$$log"' EXIT; printf '== %s ' "$(1)"; ( $(2) ) > "$$log" 2>&1 & job=$$!; \
  while kill -0 $$job 2> /dev/null; do [ ! -t 1 ] || printf '\r== %s (%d s) ' "$(1)" $$SECONDS; sleep 0.5; done; \
  wait $$job && printf '\r== %s: done in %d s\n' "$(1)" $$SECONDS || { status=$$?; printf '\n'; cat "$$log"; exit $$status; }

.PHONY: help
help: ## list these commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- environment ---------------------------------------------------------------------------------

$(VENV)/.ready: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "tradewire needs Python 3.11 or newer; try: make PYTHON=python3.12"; exit 1; }
	@command -v cargo > /dev/null || { echo "tradewire builds a Rust core: install Rust (cargo), then run make again"; exit 1; }
	@$(call step,making $(VENV) with the locked dependencies,$(PYTHON) -m venv --clear $(VENV) \
	  && $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements-dev.txt)
	@touch $@

$(VENV)/.built: $(VENV)/.ready $(CORE_SOURCES) pyproject.toml
	@$(call step,building the core$(comma) about a minute the first time,VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin develop --release --locked)
	@touch $@

.PHONY: setup
setup: $(VENV)/.built ## make the environment and build the core into it

.PHONY: lock
lock: $(VENV)/.ready ## resolve requirements-dev.in, -audit.in, -docs.in, -workflows.in, -pyright.in, -peers.in and -bench.in anew
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target $(VENV)/uv uv
	$(VENV)/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements-dev.txt requirements-dev.in
	$(VENV)/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements-pyright.txt requirements-pyright.in
	$(VENV)/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements-audit.txt requirements-audit.in
	$(VENV)/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements-docs.txt requirements-docs.in
	$(VENV)/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements-workflows.txt requirements-workflows.in
	$(VENV)/uv/bin/uv pip compile --quiet --upgrade --no-deps --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements-peers.txt requirements-peers.in
	$(VENV)/uv/bin/uv pip compile --quiet --upgrade --no-deps --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements-bench.txt requirements-bench.in

# --- the main job --------------------------------------------------------------------------------

.PHONY: demo
demo: setup ## run the main job: a bot on live books against the sandbox (under 40 s)
	@$(BIN)/tradewire demo

# --- tests and checks ----------------------------------------------------------------------------

.PHONY: test
test: test-rust test-py ## run the Rust and the Python tests

.PHONY: test-rust
test-rust:
	cargo test --locked --package tradewire-core

CAMPAIGN := tests/chaos_sockets
# Most of these tests wait most of the time: six at once keep two processors busy.
TEST_WORKERS ?= 6
# Worlds of faults in virtual time for each venue, whose products share them; `make chaos` gives each as many as SEEDS.
TEST_SEEDS ?= 500
.PHONY: test-py
test-py: setup bench-peer
	@# What attacks clients bounds its runs in time and has two processes of its own: nothing runs beside it.
	$(BIN)/python -m pytest $(CAMPAIGN)
	PYTHONPATH=tests $(BIN)/python -m chaos --by-venue --seeds $(TEST_SEEDS)
	@# The longest ones first, or the others wait for them in the end.
	$(BIN)/python -m pytest --numprocesses $(TEST_WORKERS) --dist worksteal --ignore $(CAMPAIGN) \
	  tests/demo tests/surface tests benches/python

PEERS := .venv-peers
$(PEERS)/.ready: requirements-peers.txt
	$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-peers.txt
	@touch $@

# VENDOR=/path/to/coinex_api_demo runs the vendor's own demo programs too.
VENDOR ?=
.PHONY: test-peers
test-peers: setup $(PEERS)/.ready ## run other people's clients of CoinEx against the sandbox (150 MB on disk the first time)
	PYTHONPATH=tests $(PEERS)/bin/python -m peers --table docs/pages/peers-coinex.md $(if $(VENDOR),--vendor $(VENDOR))

CHAOS ?=
SEEDS ?= 2000
.PHONY: chaos
chaos: setup ## put each client through SEEDS worlds of faults in virtual time (CHAOS='--venue NAME --seed 7' for one)
	PYTHONPATH=tests $(BIN)/python -m chaos --seeds $(SEEDS) $(CHAOS)

.PHONY: chaos-table
chaos-table: setup ## do the same and write the table into the documentation
	PYTHONPATH=tests $(BIN)/python -m chaos --seeds $(SEEDS) --table docs/pages/chaos.md

.PHONY: chaos-sockets
chaos-sockets: setup ## attack each client with 200 seeds of network faults (ten minutes; CHAOS='--venue NAME --seed 7' for one)
	PYTHONPATH=tests $(BIN)/python -m chaos_sockets $(CHAOS)

.PHONY: lint
lint: setup ## check formats, lints, types, stubs and import directions
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo fmt --check --manifest-path $(PEER)/Cargo.toml
	cargo clippy --locked --manifest-path $(PEER)/Cargo.toml --target-dir target/peer -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@# A status read twice in a test has changed in between, which the checker cannot know.
	$(BIN)/mypy --config-file pyproject.toml --no-warn-unreachable --disable-error-code comparison-overlap tests benches/python
	$(BIN)/mypy --config-file pyproject.toml examples/*.py docs/tools/check.py
	@# A folder of a user's, by itself.
	cd examples/tested_bot && MYPYPATH=$(CURDIR)/python $(CURDIR)/$(BIN)/mypy --strict --follow-imports silent --cache-dir $(CURDIR)/.mypy_cache/user .
	$(BIN)/python -m mypy.stubtest tradewire._native --mypy-config-file pyproject.toml
	$(BIN)/lint-imports

$(VENV)/pyright/.ready: requirements-pyright.txt $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --upgrade \
	  --target $(VENV)/pyright -r requirements-pyright.txt
	@touch $@

.PHONY: types
types: setup $(VENV)/pyright/.ready ## check with pyright too what users write (75 MB the first time)
	rm -rf $(VENV)/pyright/programs && mkdir $(VENV)/pyright/programs
	cp tests/support/strict_bot.py $(VENV)/pyright/programs
	PYTHONPATH=tests $(BIN)/python -m support.pages $(VENV)/pyright/programs
	echo '{"extraPaths": ["$(CURDIR)/python"], "typeCheckingMode": "strict", "pythonVersion": "3.11"}' \
	  > $(VENV)/pyright/programs/pyrightconfig.json
	PYTHONPATH=$(VENV)/pyright $(BIN)/python -m basedpyright --pythonpath $(BIN)/python \
	  -p $(VENV)/pyright/programs

$(VENV)/docs/.ready: requirements-docs.txt $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --upgrade \
	  --target $(VENV)/docs -r requirements-docs.txt
	@touch $@

$(VENV)/audit/.ready: requirements-audit.txt $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --upgrade \
	  --target $(VENV)/audit -r requirements-audit.txt
	@touch $@

# AUDIT=--need-advisories fails where the databases of advisories cannot be reached.
AUDIT ?=
.PHONY: audit
audit: setup $(VENV)/audit/.ready ## hold dependencies to the policy in SECURITY.md: licences, bans, sources, advisories
	@cargo deny --version > /dev/null 2>&1 || { echo "cargo-deny is missing: cargo install --locked cargo-deny"; exit 1; }
	cargo deny --locked --offline check licenses bans sources
	@cargo deny --locked fetch db > /dev/null 2>&1 && cargo deny --locked check --disable-fetch advisories \
	  || { cargo deny --locked fetch db > /dev/null 2>&1 && exit 1; \
	       echo "NOT AUDITED: crates, the database of advisories cannot be reached"; test -z "$(AUDIT)"; }
	PYTHONPATH=tests:$(VENV)/audit $(BIN)/python -m support.audit $(AUDIT)

.PHONY: docs
docs: setup $(VENV)/docs/.ready ## build the documentation into docs/site and check its links and its reference (100 MB the first time)
	@# Warnings are errors, and what is written in pages must be what runs: `make test` runs every program of theirs.
	cd docs && PYTHONPATH=../$(VENV)/docs ../$(BIN)/python -m zensical build --strict --clean
	$(BIN)/python docs/tools/check.py docs/site

.PHONY: fmt
fmt: setup ## format the code and fix what can be fixed
	cargo fmt --all
	cargo fmt --manifest-path $(PEER)/Cargo.toml
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

FUZZ_SECONDS ?= 60
# Fuzzers need flags that only nightly Rust takes. Where there is none the compiler at hand is told to take them too.
FUZZ_CARGO = $(if $(shell cargo +nightly --version 2> /dev/null),cargo +nightly,RUSTC_BOOTSTRAP=1 cargo)
.PHONY: fuzz
fuzz: ## fuzz every target for a minute (needs cargo-fuzz)
	@cargo fuzz --version > /dev/null 2>&1 || { echo "cargo-fuzz is missing: cargo install --locked cargo-fuzz"; exit 1; }
	@for target in $$(cargo fuzz list --fuzz-dir rust/fuzz); do \
	  echo "== $$target"; \
	  mkdir -p rust/fuzz/corpus/$$target; \
	  $(FUZZ_CARGO) fuzz run --fuzz-dir rust/fuzz $$target rust/fuzz/corpus/$$target \
	    $$(ls -d rust/fuzz/seeds/$$target 2> /dev/null) -- -max_total_time=$(FUZZ_SECONDS) -verbosity=0 || exit 1; \
	done

# --- benches -------------------------------------------------------------------------------------

# BENCH_PYTHON=/usr/bin/python3 measures under another interpreter, in an environment of its own.
# Publish ratios only from an interpreter that was built with profiles (PGO).
BENCH_PYTHON ?=
ifeq ($(BENCH_PYTHON),)
BENCH_VENV := $(VENV)
else
BENCH_VENV := .venv-bench

$(BENCH_VENV)/.ready: requirements-dev.txt
	$(BENCH_PYTHON) -m venv --clear $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(BENCH_VENV)/.built: $(BENCH_VENV)/.ready $(CORE_SOURCES) pyproject.toml $(shell find python -name '*.py' -o -name '*.pyi')
	rm -rf $(BENCH_VENV)/wheel
	$(call PACKAGES_OF,$(BENCH_VENV)/bin/python) $(BENCH_VENV)/bin/maturin build --release --locked --quiet $(PGO) \
	  --interpreter $(BENCH_VENV)/bin/python --out $(BENCH_VENV)/wheel
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall $(BENCH_VENV)/wheel/*.whl
	@touch $@
endif

$(BENCH_VENV)/.peers: $(BENCH_VENV)/.built requirements-bench.txt
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.txt \
	  || echo "the large peers cannot be installed here; the table goes without them"
	@touch $@

.PHONY: bench-peers
bench-peers: $(BENCH_VENV)/.peers ## install the large peers of the benches and matplotlib (ccxt, nautilus: 130 MB)

# The venue of the tick-to-trade rows, a crate of its own that nobody ships.
PEER := benches/rust/peer

.PHONY: bench-peer
bench-peer:
	cargo build --release --locked --quiet --manifest-path $(PEER)/Cargo.toml --target-dir target/peer

.PHONY: bench
bench: bench-peers bench-peer ## run all benches (15 minutes): pytest-benchmark, criterion, the table with every row and peer
	$(BENCH_VENV)/bin/python -m pytest benches/python --benchmark-enable --benchmark-columns=min,median,max,rounds
	@# A second and a half is some thousand iterations of the longest of them.
	cargo bench --locked --package tradewire-core --bench '*' -- --warm-up-time 0.5 --measurement-time 1.5 --noplot
	$(BENCH_VENV)/bin/python benches/python/quick.py --all --seconds 6

.PHONY: bench-quick
bench-quick: $(BENCH_VENV)/.built bench-peer ## print the table of ratios (two minutes) and fail on a wrong or missed one
	$(BENCH_VENV)/bin/python benches/python/quick.py

# What another commit's package costs beside this one, both under the benches of now.
BASE ?=
ROWS ?=
COMPARED := target/compare
.PHONY: bench-compare
bench-compare: $(BENCH_VENV)/.built bench-peer ## measure BASE=<commit> and now, interleaved (ROWS='D1 T1/rest' for some rows)
	@git rev-parse --quiet --verify '$(BASE)^{commit}' > /dev/null || { echo "BASE must be a commit: make bench-compare BASE=main~3"; exit 1; }
	rm -rf $(COMPARED)/source $(COMPARED)/wheel $(COMPARED)/packages
	mkdir -p $(COMPARED)/source
	git archive $(BASE) | tar -x -C $(COMPARED)/source
	cd $(COMPARED)/source && $(call PACKAGES_OF,$(abspath $(BENCH_VENV))/bin/python) CARGO_TARGET_DIR=$(abspath $(COMPARED)/build) \
	  $(abspath $(BENCH_VENV))/bin/maturin build --release --locked --quiet \
	  $(if $(BENCH_PYTHON),$(if $(PGO),$$(grep -q ^pgo-command pyproject.toml && echo --pgo))) --interpreter $(abspath $(BENCH_VENV))/bin/python --out $(abspath $(COMPARED)/wheel)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(COMPARED)/packages $(COMPARED)/wheel/*.whl
	$(BENCH_VENV)/bin/python benches/python/compare.py $(abspath $(COMPARED)/packages) $(ROWS)

# --- what users get ------------------------------------------------------------------------------

# Of each interpreter that is found, or of PYTHON alone if it is given.
INTERPRETERS = $(if $(filter-out file default undefined,$(origin PYTHON)),$(PYTHON),$(shell $(BIN)/python tests/wheel/interpreters.py))
.PHONY: wheel
wheel: $(VENV)/.ready ## build a wheel for each interpreter found (PYTHON=python3.12 for one), try each without Rust
	@rm -rf dist
	@set -e; for python in $(INTERPRETERS); do ( $(call step,building the wheel for $$($$python --version), \
	  $(call PACKAGES_OF,$(BIN)/python) $(BIN)/maturin build --release --locked $(call PGO_OF,$$python) \
	  --interpreter $$python --out dist) ); done
	@set -e; for wheel in dist/*.whl; do bash tests/wheel/try_wheel.sh $$($(BIN)/python tests/wheel/interpreters.py $$wheel) $$wheel; done
	@echo; echo "The wheels, and how to install each:"
	@for wheel in dist/*.whl; do \
	  echo "  $$($(BIN)/python tests/wheel/interpreters.py $$wheel) -m pip install \"tradewire[all] @ file://$(abspath .)/$$wheel\""; done

.PHONY: wheelhouse
wheelhouse: $(VENV)/.ready ## put the wheel and all it needs into dist/wheelhouse, and install it from there without a network
	@rm -rf dist/wheelhouse && mkdir -p dist/wheelhouse
	@$(call step,building the wheel,$(BIN)/maturin build --release --locked --interpreter $(BIN)/python --out dist/wheelhouse)
	@$(call step,fetching what it needs,$(BIN)/python -m pip download --disable-pip-version-check --only-binary :all: \
	  --dest dist/wheelhouse "$$(ls dist/wheelhouse/tradewire-*.whl)[all]")
	@bash tests/wheel/try_wheelhouse.sh $(BIN)/python dist/wheelhouse
	@echo "Without a network: pip install --no-index --find-links $(abspath dist/wheelhouse) \"tradewire[all]\""

$(VENV)/workflows/.ready: requirements-workflows.txt $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --upgrade \
	  --target $(VENV)/workflows -r requirements-workflows.txt
	@touch $@

WORKFLOWS := .github/workflows/*.yml
# RUN=--run runs the steps too that need nothing but this machine.
RUN ?=
.PHONY: workflows
workflows: setup $(VENV)/workflows/.ready ## check the workflows: actionlint where it is installed, else their schema; that what they run exists
	@if command -v actionlint > /dev/null; then actionlint $(WORKFLOWS); \
	  else echo "actionlint is not installed: their schema alone is checked"; fi
	PYTHONPATH=$(VENV)/workflows $(BIN)/python -m check_jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	PYTHONPATH=tests:$(VENV)/workflows $(BIN)/python -m support.workflows $(RUN)

.PHONY: clean
clean: ## remove everything that was made
	cargo clean
	rm -rf $(VENV) .venv-bench $(PEERS) dist demo-report.json bench-report.* python/tradewire/_native*.so python/tradewire/_native*.pyd

