# The commands of Jiceng. `make run` needs only Python 3.11 or newer with venv, and make.
SHELL := /bin/sh
PYTHON := .venv/bin/python
RUNTIME := .venv/.requirements-installed
DEVELOPMENT := .venv/.requirements-dev-installed
# Processes of the test run; `make test WORKERS=4` for another number than that of the cores.
WORKERS ?= auto

.PHONY: run test venv bench-live bench-search bench-cases bench-scoring bench-overview bench-hotspots bench-dispatch bench-ingest bench-kill bench-ledger bench-warning oracle-devices

# PORT= and SIMULATE=0 reach the supervisor as environment, whether given before or after `make`.
run: $(RUNTIME)
	@exec $(PYTHON) -m governance.config.supervisor --stop-with-parent

# Whatever the environment says: without kept bytecode every process of the run compiles hundreds of modules again.
test: export PYTHONDONTWRITEBYTECODE =
test: $(DEVELOPMENT)
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	.venv/bin/lint-imports
	$(PYTHON) -m pytest -n $(WORKERS) --dist loadgroup

bench-live: $(DEVELOPMENT)
	$(PYTHON) -m benchmarks.live

bench-search: $(DEVELOPMENT)
	$(PYTHON) -m benchmarks.search

# The answers about cases among CASES=1000000; the three after it are parts of it.
bench-cases: $(DEVELOPMENT)
	$(PYTHON) -m benchmarks.cases

bench-scoring: $(DEVELOPMENT)
	PARTS=compare,figures $(PYTHON) -m benchmarks.cases

bench-overview: $(DEVELOPMENT)
	PARTS=overview $(PYTHON) -m benchmarks.cases

bench-hotspots: $(DEVELOPMENT)
	PARTS=hotspots $(PYTHON) -m benchmarks.cases

bench-ingest: $(DEVELOPMENT)
	$(PYTHON) -m benchmarks.ingest

bench-kill: $(DEVELOPMENT)
	$(PYTHON) -m benchmarks.kill_ingest

# Points spent a second beside pgbench, on 0 and N=1000000 earlier transfers.
bench-ledger: $(DEVELOPMENT)
	$(PYTHON) -m benchmarks.ledger

bench-dispatch: $(DEVELOPMENT)
	$(PYTHON) -m benchmarks.dispatch

# Early warning: false alarms, power beside C2, cost. OUT=file.json writes the same figures.
bench-warning: $(DEVELOPMENT)
	$(PYTHON) -m benchmarks.warning

# The alarms against a plain second opinion: EXAMPLES random sequences with and as many without cases, half as many that
# chatter, over 100,000 steps; new ones each time, or those of a SEED=. It says how many steps were compared and how many did not agree.
oracle-devices: EXAMPLES ?= 6000
oracle-devices: SEED ?= $(shell date +%s)
oracle-devices: $(DEVELOPMENT)
	@echo "SEED=$(SEED) EXAMPLES=$(EXAMPLES)"
	DEVICES_EXAMPLES=$(EXAMPLES) $(PYTHON) -m pytest -q -s -p no:xdist --hypothesis-seed=$(SEED) devices/tests/test_ingest_property.py

venv: $(RUNTIME)

$(RUNTIME): requirements.txt
	@sh governance/config/venv.sh requirements.txt
	@touch $@

$(DEVELOPMENT): requirements.txt requirements-dev.txt
	@sh governance/config/venv.sh requirements-dev.txt
	@touch $@ $(RUNTIME)
