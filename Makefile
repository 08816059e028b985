# The commands of README.md. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INPUTS := pyproject.toml $(wildcard hatch_build.py admin_api/desk/package-lock.json)
.DEFAULT_GOAL := help
.PHONY: help run test check check-release clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/.installed ## install, and start everything on an SQLite file with sample data
	@$(BIN)/frontdesk run --sample

test: $(VENV)/.installed-test browser ## install what the tests need, and run them all
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/.installed-dev ## style, types, walls between the packages, schema
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m crm_store.migrate --check

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Frontdesk needs Python 3.11 or newer: set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "This Python has no venv: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.python $(INPUTS)
	@echo "Installing Frontdesk into $(VENV) (about a minute the first time)..."
	@$(BIN)/pip install -q --disable-pip-version-check -e . && touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@echo "Installing what the tests need..."
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[test]' && touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-test
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[test,dev]' && touch $@

# The browser tests drive a real Chromium; Debian's package is installed where it is missing.
.PHONY: browser
browser:
	@command -v chromium >/dev/null || test -n "$$FRONTDESK_TEST_CHROMIUM" || { \
		echo "Installing Chromium for the browser tests..."; \
		if [ "$$(id -u)" = 0 ]; then SUDO=; else SUDO=sudo; fi; \
		$$SUDO apt-get update -qq && $$SUDO apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || { \
		echo "No Chromium: run 'apt-get install chromium', or set FRONTDESK_TEST_CHROMIUM=/path/to/chromium"; exit 1; }

clean: ## remove what was installed and cached, never data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
