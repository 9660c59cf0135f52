# `make help` lists every target. A fresh machine needs Python 3.11+, Node 18+ and make.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
NPM_STAMP := client/js/node_modules/.installed
# Every pip below keeps to these versions, also where it installs a build backend of its own.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
VERIFIER := tests/acceptance/standardwebhooks
VERIFIER_STAMP := $(VERIFIER)/node_modules/.installed

.PHONY: help install generate check-generated lint format types layers dependencies lock \
	check-lock migrations breaking baseline test test-unit test-python test-httprule test-js coverage check \
	wheel run dev demo fleet bench trace clean

##@ Set up

help: ## List the targets
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## Make .venv and install everything into it, at the versions of constraints.txt

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

$(NPM_STAMP): client/js/package.json client/js/package-lock.json
	@cd client/js && npm ci --no-audit --no-fund --silent
	@touch $@

$(VERIFIER_STAMP): $(VERIFIER)/package.json $(VERIFIER)/package-lock.json
	@cd $(VERIFIER) && npm ci --no-audit --no-fund --silent
	@touch $@

##@ Generated files

generate: $(STAMP) ## Write generated/ and docs/reference/, and the JavaScript types
	@$(BIN)/python tools/generate.py
	@node client/js/tools/generate.js

check-generated: $(STAMP) ## Fail where a generated file differs from its source
	@$(BIN)/python tools/generate.py --check
	@node client/js/tools/generate.js --check

##@ Checks

lint: $(STAMP) ## ruff, buf lint, import layers
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/python tools/generate.py --check --image build/image.binpb
	@$(BIN)/buf lint build/image.binpb --path xaigh --config protos/buf.yaml
	@$(MAKE) --no-print-directory layers

layers: $(STAMP) ## Imports run downwards only
	@$(BIN)/lint-imports --no-cache

dependencies: $(STAMP) ## Every import is declared, every declaration is imported
	@tools/dependencies.sh

# Not $(STAMP): the old pins may stand in the way of what pyproject.toml asks for by now.
$(BIN)/uv:
	@$(MAKE) --no-print-directory install

lock: $(BIN)/uv ## Write constraints.txt from pyproject.toml; UPGRADE=1: at the newest versions
	@tools/lock.sh $(if $(UPGRADE),--upgrade)

check-lock: $(BIN)/uv ## Fail where constraints.txt isn't what pyproject.toml asks for
	@tools/lock.sh --check

format: $(STAMP) ## Format the Python sources
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format

types: $(STAMP) ## mypy, strict on the server, the client, the tools and the tests
	@$(BIN)/mypy

migrations: $(STAMP) ## Fail where a revision harms the release before, which runs beside it
	@$(BIN)/python tools/check_migrations.py

breaking: $(STAMP) ## Fail where protos/ breaks what v1 promises (protos/baseline.txt)
	@tools/breaking.sh

baseline: $(STAMP) ## Promise the protos as they are, with REASON='...'
	@tools/breaking.sh --promise "$(REASON)"

##@ Tests

test: test-httprule test-python test-js ## Everything that can fail, in one command

test-python: $(STAMP) $(VERIFIER_STAMP) ## The Python tests: engines, Envoy and all
	@tools/programs.sh
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-httprule: $(STAMP) ## The tests of the transcoder
	@cd server/httprule && ../../$(BIN)/python -m pytest -n 2 --dist loadfile

test-js: $(STAMP) $(NPM_STAMP) ## The tests of the JavaScript SDK
	@cd client/js && npm test --silent

test-unit: $(STAMP) ## The unit tests alone, with few examples and no processes
	@$(BIN)/python -m pytest tests/unit -n 2 --hypothesis-profile=quick -m 'not process' -q

coverage: $(STAMP) ## Print the branch coverage of the server, and fail below 90 %
	@mkdir -p build
	@$(BIN)/python -m pytest tests/unit tests/contract tests/integration \
		tests/acceptance/test_program.py tests/acceptance/test_audit.py \
		tests/acceptance/fleet/test_doctor.py -n 2 --dist loadfile -q \
		--cov --cov-report=term --cov-report=json:build/coverage.json
	@$(BIN)/python tools/branch_coverage.py build/coverage.json

check: ## Everything that CI checks
	@bash .ci/run

##@ Package

wheel: $(STAMP) ## Build the wheels of the product and of httprule, and try them alone
	@$(BIN)/python tools/check_wheel.py

##@ Run it

run: $(STAMP) ## Serve on embedded SQLite in ./data
	@$(BIN)/xaigh-server serve

dev: $(STAMP) ## The same, and restart when a source file changes
	@$(BIN)/python tools/dev.py

demo: $(STAMP) ## Play the whole story against a real server
	@$(BIN)/python -m tests.demo

fleet: $(STAMP) ## Play it through Envoy against two servers on PostgreSQL and Redis; KEEP=1: leave them running
	@tools/programs.sh redis-server
	@$(BIN)/python -m tests.demo.fleet

##@ Measure

bench: $(STAMP) ## Measure, beside the peers, and print the bars
	@$(BIN)/python -m tests.bench

trace: $(STAMP) ## Print which files of the server a call runs through
	@$(BIN)/python tools/trace_call.py

##@ Clean up

clean: ## Remove what was built, not data/
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache client/js/node_modules $(VERIFIER)/node_modules
