# Leitbake. Needs Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
PORT ?= 8080
DEMO ?= 1
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run test test-long install lint screens bench bench-map bench-peers bench-truth clean-data

help:  ## Say what each target does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: $(BIN)/leitbake  ## Start the living city at http://127.0.0.1:8080 (DEMO=0: empty, KAFKA=1: on Apache Kafka, PORT=: elsewhere, ROADS=FILE.osm.pbf: a real city)
	@$(BIN)/leitbake up --port $(PORT) $(if $(filter 0,$(DEMO)),--no-demo) $(if $(ROADS),--roads $(ROADS)) $(if $(filter 1,$(KAFKA)),--kafka)

test: $(VENV)/test  ## Run all tests that this machine can carry, JOBS=2 at once; the last lines say what was left out
	@$(BIN)/pytest -n $(JOBS) --dist loadfile $(ARGS)

test-long: $(VENV)/test  ## Run the tests that take minutes, JOBS=2 at once: servers that crash, full disks, poison, the compose file, axe
	@$(BIN)/pytest -m long -n $(JOBS) --dist loadfile $(ARGS)

install: $(BIN)/leitbake  ## Make the virtual environment from the pinned versions

lint: $(VENV)/test  ## Style, types and the laws of the house
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

screens: $(VENV)/test  ## Take pictures of every page in every state into screens/ (ARGS=live-list: only those)
	$(BIN)/python -m tests.browser.screens $(ARGS)

bench: $(VENV)/test bench-peers bench-truth bench-map  ## Run all benchmarks (about 40 minutes; docs/benchmarks.md has the last figures)
	$(BIN)/python -m benchmarks

bench-peers: benchmarks/peers/.venv/complete  ## Install the software we compare with, in an environment of its own

benchmarks/peers/.venv/complete: benchmarks/peers/requirements.txt
	$(PYTHON) -m venv benchmarks/peers/.venv
	@benchmarks/peers/.venv/bin/python -m pip install --quiet --require-hashes -r benchmarks/peers/requirements.txt
	@touch $@

bench-map: $(VENV)/test  ## Measure the live map with 1,000 sites and 3,000 lights: bytes, seconds, frames
	$(BIN)/python -m benchmarks.live_map

bench-truth: $(BIN)/leitbake  ## Simulate a day, run the backtest, print the errors against the truth
	$(BIN)/python -m benchmarks.truth

clean-data:  ## Forget the demo city and all its data
	rm -rf .data

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(BIN)/leitbake: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing (once, a minute or so) …"
	@test -e $(VENV)/test || $(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test: requirements/test.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need (once, a minute or two) …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/test.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $(BIN)/leitbake $@
