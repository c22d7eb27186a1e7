# Pointsman's house. `make help` lists the targets. Needs Python 3.11 or newer and make; all else is installed
# into .venv from the hash-pinned locks.

VENV := .venv
BIN := $(VENV)/bin
# Stamps: what is installed. Development is a superset, so it counts as runtime too.
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
PACKAGES := pyproject.toml clients/python/pyproject.toml
IMAGE := protos/released.binpb

export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PIP := $(BIN)/python -m pip --quiet
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	--no-emit-find-links --no-emit-package pointsman --custom-compile-command "make lock" --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test coverage test-full crash test-ledger mutation fuzz lint format generate release-image bench lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(DEVELOPMENT) ## Make .venv with everything that development needs

run: $(RUNTIME) ## Install what serving needs, migrate the database and serve
	pointsman-server migrate
	@echo 'Then, in another terminal: $(BIN)/pointsman chat "hello"'
	exec pointsman-server serve

test: $(DEVELOPMENT) ## Run the tests
	python -m pytest -m "not full" -n 2 --dist worksteal

coverage: $(DEVELOPMENT) ## Run the tests with the coverage gate
	python -m pytest -m "not full" -n 2 --dist worksteal --cov --cov-report=term

test-full: $(DEVELOPMENT) ## Run the long tests: real model servers, and what takes minutes
	python -m pytest -m full

crash: $(DEVELOPMENT) ## Kill the server 1,000 times and cut its disk's power as often, for three hours at the most
	CRASH_ROUNDS=1000 CRASH_SECONDS=9000 python -m pytest -m full tests/crash
	POWER_ROUNDS=1000 python -m pytest -m full tests/power

fuzz: $(DEVELOPMENT) ## Put a million broken answers through each decoder
	FUZZED=1000000 python -m pytest tests/conformance/adapters/test_fuzzed.py

test-ledger: $(DEVELOPMENT) ## Ask the ledger for anything in any order, 50,000 times
	LEDGER_EXAMPLES=50000 python -m pytest tests/unit/ledger -k "machine or schedules" -n 2 --timeout=7200

mutation: $(DEVELOPMENT) ## Change the ledger's model in every small way, and see whether a test notices
	python tools/mutation.py

lint: $(DEVELOPMENT) ## Check style, types, layers, the contract and everything that is generated
	ruff check
	ruff format --check
	mypy
	mypy tools bench
	lint-imports
	buf lint
	buf format --diff --exit-code
	buf breaking --against $(IMAGE)
	python tools/check_generated.py
	set -e; for tool in tools/write_*.py; do python "$$tool" --check; done

format: $(DEVELOPMENT) ## Format Python and protos
	ruff check --fix
	ruff format
	buf format --write

generate: $(DEVELOPMENT) ## Write what is generated: stubs, and the pages that come from code
	buf generate
	set -e; for tool in tools/write_*.py; do python "$$tool"; done

release-image: $(DEVELOPMENT) ## Make today's contract the one that `buf breaking` compares with
	buf build --exclude-source-info --output $(IMAGE)

bench: $(DEVELOPMENT) ## Run the benchmark and write its results to bench/results
	python -m bench --write
	python -m bench.ledger --write
	python -m bench.policy --write

lock: $(DEVELOPMENT) ## Resolve the dependencies anew and pin them by hash
	$(COMPILE) --upgrade pyproject.toml clients/python/pyproject.toml --extra checks --extra cli --extra postgres --group build \
		-o requirements.lock
	$(COMPILE) --upgrade --group dev --constraint requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## Remove .venv, caches and build output; data/ stays
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache *.egg-info server/*.egg-info clients/python/*.egg-info clients/python/build \
		clients/typescript/node_modules clients/typescript/dist clients/java/target

$(BIN)/python:
	@echo "Making $(VENV)"
	@python="$$(tools/find_python.sh)" && "$$python" -m venv $(VENV)

$(RUNTIME): requirements.lock $(PACKAGES) | $(BIN)/python
	@echo "Installing what serving needs"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e clients/python -e .
	@touch $@

$(DEVELOPMENT): requirements-dev.lock requirements.lock $(PACKAGES) | $(BIN)/python
	@echo "Installing what development needs"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e clients/python -e .
	@touch $(RUNTIME) $@

include clients/clients.mk
