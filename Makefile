# Every target sets up .venv by itself, once for each state of pyproject.toml. Safe with -j.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.stamp
# A locale with UTF-8, so that samples and their expected output agree everywhere.
export PYTHONUTF8 := 1

.PHONY: all demo test test-docker lint format types docs bench wheel-test fast fast-test clean help
.DEFAULT_GOAL := help

help: ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

$(STAMP): pyproject.toml
	@bash .ci/venv $(VENV)
	@touch $@

demo: $(STAMP) ## monthly energy savings of a real building, from CSV to regression to table
	@$(PY) -m axon samples/energy/energy.axon

test: $(STAMP) ## all tests but those that need a Docker engine
	$(PY) -m pytest -q -n $${AXON_TEST_JOBS:-2} -m "not docker" $(ARGS)

test-docker: $(STAMP) ## the tests that need a Docker engine
	$(PY) -m pytest -q -m docker $(ARGS)

lint: $(STAMP) ## style, unused names, likely bugs
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check axon pylib tests bench fast

format: $(STAMP) ## rewrite the sources in house format
	$(VENV)/bin/ruff format axon pylib tests bench fast
	$(VENV)/bin/ruff check --fix .

types: $(STAMP) ## strict types of axon and pylib
	$(VENV)/bin/mypy

docs: $(STAMP) ## write axon/lib/FUNCTIONS.md and axon/lib/index.py from the registry
	$(PY) -m axon docs --write

bench: $(STAMP) ## the table of ratios, all measured in this run
	$(PY) -m bench $(ARGS)

wheel-test: $(STAMP) ## build the wheel, install it elsewhere, run it there
	bash .ci/wheel $(PY)

fast: $(STAMP) ## build the compiled modules and install them in .venv
	$(PY) -m pip install --quiet --no-deps --force-reinstall ./fast
	$(PY) -m axon --version

fast-test: $(STAMP) ## build the compiled modules, run the tests of the language on them
	bash .ci/fast $(PY)

clean: ## remove what was made here
	rm -rf $(VENV) dist build fast/build fast/axon_fast .mypy_cache .ruff_cache .pytest_cache .hypothesis .axon-cache
