# Two commands for a newcomer: `make demo` and `make test`. Both do all set-up themselves.

PYTHON ?= python3
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench attacks kills interop fuzz screens long lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do printf '  make %-7s %s\n' "$$name" "$$what"; done

setup: ## what demo and test share: .venv, locked packages, speech model
	@$(PYTHON) tools/set_up.py demo

demo: setup ## the main job on the sample interview, start to end
	@$(VENV)/python -m intake demo

test: ## every test, on two cores
	@$(PYTHON) tools/set_up.py test
	@$(VENV)/python -m pytest -n 2 --dist loadgroup --durations=25

lint: ## ruff, mypy --strict, import contracts
	@$(PYTHON) tools/set_up.py lint
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/mypy tools tests/bench
	$(VENV)/lint-imports

attacks: ## every attack on a vault, every byte of every file, one table
	@$(PYTHON) tools/set_up.py test
	@$(VENV)/python -m tests.attacks

kills: ## SIGKILL at every write, sync and rename of every operation on a vault, one table
	@$(PYTHON) tools/set_up.py test
	@$(VENV)/python -m tests.vault.kills

bench: ## measured figures into docs/benchmarks.md
	@$(PYTHON) tools/set_up.py bench
	@$(VENV)/python -m tests.bench

interop: ## age files to and from other programs, a vault read without Intake, one table
	@$(PYTHON) tools/set_up.py interop
	@$(VENV)/python -m tests.interop

fuzz: ## coverage-guided fuzzing of every parser; FUZZ_SECONDS=20 for each
	@$(PYTHON) tools/set_up.py fuzz
	@$(VENV)/python -m tests.fuzz

screens: ## a picture of every screen into docs/screens/ (after `make demo`)
	@$(PYTHON) tools/set_up.py test
	@$(VENV)/python -m tests.screens

long: ## property tests with 2,000 examples each, and a kill at every write
	@$(PYTHON) tools/set_up.py test
	@INTAKE_KILL_ALL=1 HYPOTHESIS_PROFILE=long $(VENV)/python -m pytest -n 2 --dist loadgroup --durations=25

# dev.txt keeps extras: pip takes coverage[toml] for unpinned once a newer coverage exists. runtime.txt
# is a constraint of dev.in, and constraints may have none.
lock: ## requirements/*.txt from the .in files; LOCK_FLAGS=--upgrade for newer versions
	@$(PYTHON) tools/set_up.py lint
	cd requirements && for name in runtime dev fuzz; do extras=--no-strip-extras; [ $$name = runtime ] && extras=--strip-extras; ../$(VENV)/pip-compile --quiet $(LOCK_FLAGS) $$extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe --output-file=$$name.txt $$name.in || exit 1; done

clean: ## everything that was made here: .venv, build, caches
	rm -rf .venv build .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
