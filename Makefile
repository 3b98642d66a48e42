# Two commands do all: `make demo` and `make test`. Each sets up what it needs in .venv.

PYTHON ?= python3
# Tests mostly wait for kernels and servers to start, so a few more than the cores.
JOBS ?= 3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
export PIP_ROOT_USER_ACTION := ignore

.PHONY: help demo test lint bench package clean

help:
	@echo "make demo     install, then repair a failing notebook: diagnosed, fixed, verified, diff shown"
	@echo "make test     install what the tests need, and run them"
	@echo "make lint     ruff and mypy (strict)"
	@echo "make bench    every benchmark, each beside its peers"
	@echo "make package  build the wheel and the sdist into dist/"

$(VENV)/.base: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Cellwright needs Python 3.10 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "This Python has no venv module. On Debian or Ubuntu: apt-get install python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade "pip>=25.1"
	$(PIP) install --editable .
	@touch $@

$(VENV)/.demo: $(VENV)/.base
	$(PIP) install pandas
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	$(PIP) install --group dev
	@touch $@

$(VENV)/.peers: $(VENV)/.dev
	$(PIP) install --group peers
	@touch $@

# The fixes are written into a copy, so that the example stays broken for the next time.
demo: $(VENV)/.demo
	@rm -rf build/demo && mkdir -p build/demo && cp examples/* build/demo/
	@echo
	@$(BIN)/cellwright fix --apply --yes build/demo/sales.ipynb

test: $(VENV)/.dev
	$(BIN)/pytest -n $(JOBS) $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.peers
	$(BIN)/python benchmarks/lsp_latency.py
	$(BIN)/python benchmarks/startup.py

package: $(VENV)/.dev
	$(PIP) install --group package
	$(BIN)/python -m build --outdir dist .

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
