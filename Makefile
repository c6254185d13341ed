# Everything a person runs. Each target does its own set-up in VENV, from the pinned requirements.lock.
# Another Python in a place of its own: make test PYTHON=python3.13 VENV=.venv-3.13
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock
PYTEST_WORKERS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() or 1)')
# A file's tests stay together, in the order of tests/conftest.py: what they share is made once.
# The tests wait for thousands of files to reach the disk: in memory, where it has room, they need not.
TEST_TMP ?= $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 {print "/dev/shm"}')
PYTEST := $(if $(TEST_TMP),TMPDIR=$(TEST_TMP)) $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder
# Python writes its bytecode whatever the shell says: the tests start many programs, Airflow's above all.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test breadth soak lint bom audit bench airflow docs clean help

help:
	@echo "make demo     set up and run the example month to its invoices and report"
	@echo "make test     set up and run the tests that a person waits for (some five minutes)"
	@echo "make lint     ruff, mypy --strict, import-linter"
	@echo "make bom      every package with its licence, as CycloneDX JSON, in build/bom.cdx.json"
	@echo "make audit    known vulnerabilities of the packages (asks pypi.org)"
	@echo "make docs     the documentation, in build/docs (a broken link fails)"
	@echo "make bench    speed, as ratios of one run"
	@echo "make airflow  start Apache Airflow on the example site (http://127.0.0.1:8080)"
	@echo "make breadth  more cases of what make test tries, and longer ones; with it what CI runs"
	@echo "make soak     the tests that take longer than five minutes"
	@echo "make clean    remove what the targets made"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/core.stamp: pyproject.toml requirements.lock | $(BIN)/python
	@echo "installing what jeongsan needs (once) ..."
	$(PIP) --editable .
	@touch $@

$(VENV)/airflow.stamp: $(VENV)/core.stamp
	@echo "installing Apache Airflow (once) ..."
	$(PIP) --editable '.[airflow]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/core.stamp
	@echo "installing what the tests need (once) ..."
	$(PIP) --editable '.[dev,airflow]'
	@touch $(VENV)/airflow.stamp $@

demo: $(VENV)/core.stamp
	$(BIN)/jeongsan demo

test: $(VENV)/dev.stamp
	$(PYTEST) -m 'not breadth and not soak'

breadth: $(VENV)/dev.stamp
	$(PYTEST) -m 'breadth and not soak'

soak: $(VENV)/dev.stamp
	HYPOTHESIS_PROFILE=default $(PYTEST) -m soak

bom: $(VENV)/dev.stamp
	@mkdir -p build
	$(BIN)/python -m docs.generate.bill_of_materials >build/bom.cdx.json

# Vulnerabilities are known by a database that somebody else keeps: there is none to ask offline.
audit: $(VENV)/dev.stamp
	$(PIP) pip-audit
	$(BIN)/python -m pip_audit --requirement requirements.lock --no-deps --disable-pip

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp
	$(BIN)/python -m bench

$(VENV)/docs.stamp: $(VENV)/core.stamp
	@echo "installing what the documentation needs (once) ..."
	$(PIP) --editable '.[docs]'
	@touch $@

docs: $(VENV)/docs.stamp
	$(BIN)/python -m docs.generate --check
	rm -rf build/docs
	$(BIN)/python -m sphinx -W --keep-going -q -d build/doctrees -b html docs build/docs

airflow: $(VENV)/airflow.stamp
	$(BIN)/python -m dags.standalone

clean:
	rm -rf $(VENV) .venv .venv-3.* demo airflow-home build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
