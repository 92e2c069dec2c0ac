# What a developer does here; `make` alone lists it.
PYTHON ?= python3
BIN := .venv/bin
# Written last, so that an interrupted set-up is begun anew.
READY := .venv/.ready
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo sandbox test crash chaos faults fleet lint fmt bench-sls bench-recovery bench-engine bench-fleet bench-proof lock clean

help: ## list what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' $(MAKEFILE_LIST) | \
	  while read -r name text; do printf 'make %-14s %s\n' "$$name" "$$text"; done

setup: $(READY) ## make .venv from requirements.lock; at once when nothing changed

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is older than 3.11, or not there; name another: make $(MAKECMDGOALS) PYTHON=python3.12"; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments; on Debian: apt-get install python3-venv"; \
	  exit 1; }
	@echo "setting up .venv from requirements.lock; this takes a minute"
	@$(PYTHON) -m venv --clear .venv
	@# setuptools first: it builds what comes as source, so that nothing without a hash is fetched.
	@sed -n '/^setuptools==/,/[^\\]$$/p' requirements.lock > .venv/build.lock
	@$(BIN)/python -m pip install --quiet --require-hashes -r .venv/build.lock
	@$(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## move an app's log collection before your eyes, in a world on this machine
	@$(BIN)/python -m sandbox demo

sandbox: $(READY) ## keep that world up, to try things by hand
	@$(BIN)/python -m sandbox up

test: lint ## all checks and all tests
	@$(BIN)/python -m pytest -n auto --dist worksteal

crash: $(READY) ## let every story die at every call and every write, and compare the ends
	@$(BIN)/python -m tests.crash -n auto

chaos: $(READY) ## kill and freeze everything at random: STORIES=20, SEED= for the same once more
	@$(BIN)/python -m tests.chaos $(if $(STORIES),--stories $(STORIES)) $(if $(SEED),--seed $(SEED))

faults: $(READY) ## seed mistakes into equal logstores, and have the proof find them: SEED=
	@$(BIN)/python -m tests.faults --processes 2 $(if $(SEED),--seed $(SEED))

fleet: $(READY) ## prepare hosts of which some are flaky or dead, and take it back: HOSTS=1000, SEED=
	@$(BIN)/python -m tests.fleet $(if $(HOSTS),--hosts $(HOSTS)) $(if $(SEED),--seed $(SEED))

lint: $(READY) ## style and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

fmt: $(READY) ## bring the code into shape
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench-sls: $(READY) ## what the log service's double carries, and what searching in it costs
	@$(BIN)/python -m bench.sls_query
	@$(BIN)/python -m bench.sls_load

bench-recovery: $(READY) ## how long a job lies after its worker was killed, 20 times
	@$(BIN)/python -m bench.recovery

bench-engine: $(READY) ## what the bookkeeping of 10 to 1,000 jobs costs, and a click under load
	@$(BIN)/python -m bench.engine

bench-fleet: $(READY) ## how fast hosts are prepared, against ansible and others; half an hour
	@$(BIN)/python -m bench.fleet

bench-proof: $(READY) ## how fast lines of both sides are summed up, beside the SDK; ten minutes
	@$(BIN)/python -m bench.proof

lock: $(READY) ## write both locks anew, with the newest versions that pyproject.toml allows
	@$(COMPILE) --upgrade --all-extras --output-file requirements.lock
	@$(COMPILE) --constraints requirements.lock --output-file requirements-run.lock

clean: ## remove what was made here
	@rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
