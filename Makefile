# What everybody needs: `make demo` and `make test`. `make` alone lists the rest.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NATIVE_SOURCES := Cargo.toml Cargo.lock $(shell find rust/core rust/py -name '*.rs' -o -name 'Cargo.toml' | grep -v /target/)

$(VENV)/.ready: pyproject.toml requirements-dev.txt
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

# The release build of the core, in place. Rebuilt when a Rust source or a manifest changed.
$(VENV)/.built: $(VENV)/.ready $(NATIVE_SOURCES)
	$(BIN)/maturin develop --release --quiet
	touch $@

.PHONY: setup
setup: $(VENV)/.built ## make the environment and build the core into it
