# The commands of the house. `make help` lists them. Python 3.11 with pip, make and git suffice.

PYTHON ?= python3.11
BIN := .venv/bin
ARGS ?=
NAME ?=
# Some machines forbid it; every process would then compile all modules anew, two thirds of its start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo town test check mutate exhaustive fix bench demonstrate lock generate clean

help:  ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# One recipe for both environments: $(1) is the lock file to install.
define install
@$(PYTHON) --version >/dev/null 2>&1 || { echo "Python 3.11 が必要です / Python 3.11 is needed: make PYTHON=/path/to/python3.11"; exit 1; }
@echo "ロックファイルから導入しています / installing from the lock file: $(1)"
@test -x $(BIN)/python || $(PYTHON) -m venv .venv
@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.lock
@$(BIN)/uv pip install --quiet --no-config --python $(BIN)/python --require-hashes -r $(1) \
	|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
@$(BIN)/uv pip install --quiet --no-config --python $(BIN)/python --no-deps --no-build-isolation --editable .
@touch $@
endef

.venv/ready: requirements/runtime.lock
	$(call install,requirements/runtime.lock)

.venv/ready-dev: requirements/dev.lock
	$(call install,requirements/dev.lock)

demo: .venv/ready  ## two towns, a hub, 200 lawful questions (ARGS=--once exits at the end)
	@$(BIN)/renkei demo $(ARGS)

town: .venv/ready  ## a whole town of every unit, and its staff console (ARGS="--people 200000")
	@$(BIN)/renkei town $(ARGS)

test: .venv/ready-dev  ## the whole test suite, in parallel
	@$(BIN)/python -m pytest -n auto $(ARGS)

check: .venv/ready-dev  ## lint, format, strict types, import contract, tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n auto $(ARGS)

mutate: .venv/ready-dev  ## take out every security check of the list in turn: a test must miss it
	@RENKEI_TEST_ALL=1 $(BIN)/python -m pytest tests/house/test_mutations.py $(ARGS)

exhaustive: .venv/ready-dev  ## the tests of what the suite takes samples of, all of it
	@RENKEI_TEST_ALL=1 $(BIN)/python -m pytest -n auto $$(grep -rl 'some_of(' --include='test_*.py' tests) $(ARGS)

fix: .venv/ready-dev  ## repair what a machine can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/ready-dev  ## one benchmark: make bench NAME=store_load ARGS=--quick
	@$(BIN)/python -m bench $(NAME) $(ARGS)

demonstrate: .venv/ready-dev  ## try to break what codes, log and law promise: ARGS="a f --quick"
	@$(BIN)/python -m bench.demonstrate $(ARGS)

generate: .venv/ready-dev  ## write what is generated: golden files, error and command lists
	@$(BIN)/python -m tests.standard.golden
	@$(BIN)/python -m tests.process.contents
	@$(BIN)/renkei manual --out docs
	@$(BIN)/renkei standard export python --out generated --json > /dev/null
	@cp generated/python/records.py clients/python/src/renkei_client/records.py

COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-header --no-annotate

lock: .venv/ready-dev  ## renew the lock files (hashes, no addresses)
	@printf 'uv>=0.13\nsetuptools>=77\n' | $(COMPILE) - --output-file requirements/installer.lock
	@$(COMPILE) pyproject.toml --output-file requirements/runtime.lock
	@$(COMPILE) --group pyproject.toml:dev pyproject.toml --constraint requirements/runtime.lock --output-file requirements/dev.lock

clean:  ## remove the environment and the demo's data
	rm -rf .venv .demo
