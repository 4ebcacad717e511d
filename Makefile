# make run   clean seeds/ into out/ (makes the virtual environment first)
# make test  all checks: formatting, lints, types, tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test clean
.DELETE_ON_ERROR:

run: $(READY)
	$(BIN)/cleaner run

test: $(READY)
	$(BIN)/ruff format --check cleaner tests benchmarks
	$(BIN)/ruff check cleaner tests benchmarks
	$(BIN)/mypy
	$(BIN)/pytest -n auto

$(READY): setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cleaner needs Python 3.11 or later; say make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache build *.egg-info
