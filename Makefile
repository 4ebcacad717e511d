# make run   clean seeds/ into out/ (makes the virtual environment first)
# make test  all checks: formatting, lints, types, tests
# make torture   what takes long: 1,000 days, 20 rounds of 50 starts at once, 200 random kills, a real cron
# make bench CORPUS=FILE.jsonl   measure beside other tools and by size; write docs/benchmarks.md

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

SIZES ?= 100MB 300MB 1GB
BUILT := $(SIZES:%=build/corpora/%/about.json)
FIGURES := docs/benchmarks.json

.PHONY: run test torture bench clean
.DELETE_ON_ERROR:

run: $(READY)
	$(BIN)/cleaner run

test: $(READY)
	$(BIN)/ruff format --check cleaner tests benchmarks
	$(BIN)/ruff check cleaner tests benchmarks
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist worksteal

torture: $(READY)
	$(BIN)/pytest -m torture -rP

bench: $(READY) $(BUILT)
	$(BIN)/python benchmarks/peers.py $(CORPUS) --json $(FIGURES)
	$(BIN)/python benchmarks/growth.py $(BUILT:about.json=corpus) --json $(FIGURES)
	$(BIN)/python benchmarks/incremental.py $(lastword $(BUILT:about.json=corpus)) --json $(FIGURES)
	$(BIN)/python benchmarks/results.py $(FIGURES) encoding_speed benchmarks/encoding_speed.py $(CORPUS)
	$(BIN)/python benchmarks/results.py $(FIGURES) quality benchmarks/quality.py $(CORPUS)
	$(BIN)/python benchmarks/write_docs.py

build/corpora/%/about.json: $(READY)
	@test -n "$(CORPUS)" || { echo "say make bench CORPUS=FILE, some thousand articles as JSON lines"; exit 2; }
	rm -rf $(@D)
	$(BIN)/python benchmarks/build_corpus.py $(CORPUS) -o $(@D) --size $*

$(READY): setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cleaner needs Python 3.11 or later; say make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache build *.egg-info
