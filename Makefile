# Needs python3 (3.11 or newer) and make; everything else is fetched into .venv.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.PHONY: help run demo install test-fast test test-release attack check format bench lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input

# Tests that share something that takes long to make stay in one worker.
PARALLEL = -n 3 --dist loadgroup

# Set-up is done again when this folder, the Python or the pinned requirements are others than last time.
setup_of = $(VENV)/$(1)-$(shell (pwd; $(PYTHON) -V; cat pyproject.toml $(2)) 2>&1 | cksum | tr -d ' ')
READY := $(call setup_of,ready,requirements.txt)
READY_FOR_TESTS := $(call setup_of,ready-for-tests,requirements.txt requirements-dev.txt)

##@ Run

run: $(READY) ## Start the form and the worker; keys and databases are made at the first start
	@$(BIN)/screener migrate
	@$(BIN)/screener keys create --if-missing
	@trap : INT; PYTHONUNBUFFERED=1 $(BIN)/honcho start --env ''; code=$$?; \
	if [ $$code -eq 130 ]; then echo "Stopped. Everything is kept; 'make run' goes on."; else exit $$code; fi

demo: $(READY) ## Fill ./demo-data with 300 invented forms and three months of desk work, to look at (a minute)
	@SCREENER_DATA="$${SCREENER_DATA:-demo-data}" $(BIN)/screener demo

install: $(READY) ## Set up and start nothing: for production, where something else starts the processes
	@echo "Ready: $(BIN)/screener --help. How to go on is in docs/operate.md."

##@ Check

test-fast: check ## The checks, and the tests that need no browser, PostgreSQL or other process (a few minutes)
	@$(BIN)/pytest $(PARALLEL) -m "not (browser or postgres or processes or slow or release)"

test: check ## Before a change goes out: everything with a real PostgreSQL and a real browser (fifteen to twenty minutes on two cores)
	@$(BIN)/pytest $(PARALLEL) -m "not release"

test-release: check ## Before a release: every engine in every language, Lighthouse, pace, a bare machine (an hour or more)
	@$(BIN)/pytest $(PARALLEL)

attack: $(READY_FOR_TESTS) ## What steals, forges, changes or stops something, and a scanner against both sites (an hour)
	@$(BIN)/pytest $(PARALLEL) -m attack
	@$(BIN)/python -m tests.attack

check: $(READY_FOR_TESTS) ## Format, lint, types, import contracts, templates
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --check --lint templates

format: $(READY_FOR_TESTS) ## Put the code into its usual form
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: $(READY_FOR_TESTS) ## Measure the shipped server and the export beside bare ones
	@$(BIN)/python -m tests.bench

##@ Keep house

lock: $(READY_FOR_TESTS) ## Pin the newest allowed versions of the requirements, of the tests' and of the scanner's
	@for name in requirements requirements-dev tests/attack/requirements; do \
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	--no-emit-index-url --no-header --output-file $$name.txt $$name.in > /dev/null || exit 1; done

clean: ## Remove what set-up and tests made; the data folder is left alone
	@rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

help: ## Print this
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Screener needs Python 3.11 or newer; name one with 'make PYTHON=python3.12 ...'."; exit 1; }
	@echo "Setting up in $(VENV) (a minute, once) ..."
	@$(BIN)/pip --version > /dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || \
	{ echo "Python's venv is missing; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/ready-[0-9]* && touch $@

$(READY_FOR_TESTS): $(READY)
	@echo "Setting up what the tests need (two minutes, once) ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m tests.browser
	@rm -f $(VENV)/ready-for-tests-* && touch $@
