# `make help` lists the targets. Everything runs from a clean clone; the set-up is part of each target.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Some machines tell Python to keep no compiled modules; each start would then take two seconds longer.
export PYTHONDONTWRITEBYTECODE :=

BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000
# Two workers for two cores; tests that share something costly stay together on one worker (loadgroup).
PYTEST := $(BIN)/pytest -n 2 --dist loadgroup
GROUND := --browser --postgres --java

##@ See it
.PHONY: demo demo-reset
demo: setup ## serve the portal with a synthetic city (HOST=… PORT=…); a second start keeps its data
	@HOST="$(HOST)" PORT="$(PORT)" exec .ci/demo.sh

demo-reset: setup ## throw the demo's data away and load the synthetic city anew
	@HOST="$(HOST)" PORT="$(PORT)" exec .ci/demo.sh --reset

##@ Before a commit
.PHONY: check lint types messages migration
check: setup lint types ## lint, types, import contracts, catalogues, fast tests
	@$(BIN)/lint-imports | sed -n '/^Contracts$$/,$$p'
	@$(BIN)/python -m portal.web.catalogues check
	@$(BIN)/pytest -q tests/unit tests/architecture

lint: setup ## ruff on the code, djlint on the templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint --lint --quiet portal

types: setup ## mypy, strict
	@$(BIN)/mypy

messages: setup ## extract the words, update and compile all eight catalogues
	@$(BIN)/python -m portal.web.catalogues update
	@$(BIN)/python -m portal.web.catalogues compile

migration: setup ## write a migration from the changed tables: make migration m="what changes"
	@test -n "$(m)" || { echo 'usage: make migration m="what changes"' >&2; exit 2; }
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
		export PORTAL_ENV=development PORTAL_DATABASE_URL="sqlite:///$$folder/empty.sqlite3"; \
		$(BIN)/portal migrate; $(BIN)/flask --app portal db migrate -m "$(m)"

##@ Tests
.PHONY: test test-all
test: setup-tests ## every test that fits in ten minutes; the last line is pytest's
	@$(BIN)/python -m tests.support.preflight
	@$(PYTEST) -m "not matrix"

test-all: setup-tests ## the whole matrix: every page x language x axe x HTML, both databases
	@$(BIN)/python -m tests.support.preflight --all
	@$(PYTEST)

##@ Measure and show
.PHONY: bench
bench: setup-tests ## the benchmarks: ratios against limits measured in the same run
	@$(BIN)/python -m tests.bench

# A target that has nothing behind it yet is absent, from `make help` too.
ifneq ($(wildcard tests/screenshots/__main__.py),)
.PHONY: screenshots
screenshots: setup-tests ## take the pictures in docs/screenshots again
	@$(BIN)/python -m tests.screenshots
else
ABSENT += screenshots
endif

##@ Set-up
.PHONY: setup setup-tests help
setup: ## the Python environment from the lock file, and compiled catalogues
	@.ci/setup.sh

setup-tests: ## the same, with Chromium, PostgreSQL, Java and the checkers for the tests
	@.ci/setup.sh $(GROUND)

help: ## this list
	@awk 'BEGIN { FS = ":.*## "; split("$(ABSENT)", names, " "); for (i in names) absent[names[i]] } \
		/^##@/ { heading = "\n" substr($$0, 5) "\n" } \
		/^[a-z-]+:.*## / && !($$1 in absent) { printf "%s", heading; heading = ""; printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
