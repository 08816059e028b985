# The commands of README.md. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := bot knowledge_base admin_api crm_store
INPUTS := pyproject.toml $(wildcard hatch_build.py admin_api/desk/package-lock.json)
.DEFAULT_GOAL := help
.PHONY: help run test check check-release clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/.installed ## install, and start everything on an SQLite file with sample data
	@$(BIN)/frontdesk run --sample

test: $(VENV)/.installed-test browser ## install what the tests need, and run them all
	@$(BIN)/python -m compileall -q $(PACKAGES) tests benchmarks
	@$(BIN)/python -m pytest -n 2 --dist loadfile --durations=25 --durations-min=5

check: $(VENV)/.installed-dev ## style, types, walls between the packages, schema
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m crm_store.migrate --check

# Hours, on a machine that has nothing else to do. Each line prints one JSON object; a bar that does not hold ends it.
# Figures of time end nothing: they are for people to hold against README and the issue's bars, on a quiet machine.
check-release: check test $(VENV)/.installed-bench ## the long forms of every bar: faults, crashes, soak, speed (hours)
	@$(BIN)/python -m benchmarks.kill9 --cycles 10000 --json
	@$(BIN)/python -m benchmarks.kill9 --cycles 10000 --postgres --json
	@$(BIN)/python -m benchmarks.kill9 --cycles 100 --life-s 2.5 --json
	@$(BIN)/python -m benchmarks.sigterm --times 100 --json
	@$(BIN)/python -m benchmarks.sigterm --times 100 --postgres --json
	@$(BIN)/python -m benchmarks.power_loss --images 200000 --control 2000 --json
	@$(BIN)/python -m tests.simulation --seeds 10000 --json
	@$(BIN)/python -m tests.machines --examples 2500 --steps 50 --least 500000 --json
	@$(BIN)/python -m benchmarks.growth --seconds 300 --json
	@$(BIN)/python -m benchmarks.queue_rush --conversations 20000 --json
	@$(BIN)/python -m benchmarks.queue_rush --conversations 20000 --sqlite --json
	@$(BIN)/python -m benchmarks.away --json
	@$(BIN)/python -m benchmarks.away --real --json
	@$(BIN)/python -m benchmarks.faults --json
	@$(BIN)/python -m benchmarks.backups --json
	@$(BIN)/python -m benchmarks.migrations --rows 1000000 --kills 50 --json
	@$(BIN)/python -m benchmarks.soak --minutes 60 --rate 200 --json
	@$(BIN)/python -m benchmarks.morning --json
	@$(BIN)/python -m benchmarks.desk_live --json
	@$(BIN)/python -m benchmarks.store_path_postgres --json
	@$(BIN)/python -m benchmarks.message_path --json
	@$(BIN)/python -m benchmarks.matching --long --json
	@$(BIN)/python -m benchmarks.shared_calibration --same
	@$(BIN)/python -m benchmarks.shared_calibration --same --semantic

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Frontdesk needs Python 3.11 or newer: set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "This Python has no venv: apt-get install python3-venv"; exit 1; }
	@touch $@

# Compiled at once: where Python is told to write nothing beside the code, each start would do it anew (most of a second).
$(VENV)/.installed: $(VENV)/.python $(INPUTS)
	@echo "Installing Frontdesk into $(VENV) (about a minute the first time)..."
	@$(BIN)/pip install -q --disable-pip-version-check -e .
	@$(BIN)/python -m compileall -q $(PACKAGES) && touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@echo "Installing what the tests need..."
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[test]' && touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-test
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[test,dev]' && touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-dev
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[test,dev,bench]' && touch $@

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
