# Every target makes the virtual environment by itself; only Python 3.11+ is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo up test check bench bench-tier1 tier1-smoke tier1-train bench-judge bench-streams format lock clean

demo: $(STAMP)
	$(BIN)/python manage.py demo

up: $(STAMP)
	$(BIN)/python manage.py up

test: $(STAMP)
	$(BIN)/python -m tests

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

bench: $(STAMP)
	$(BIN)/python -m bench

# DATA is the folder with the labelled sets; without it only speed is measured and the page stays as it is.
bench-judge: $(STAMP)
	$(BIN)/python -m bench.judge $(DATA) --page docs/judge-quality.md

# Live calls under load: takes some ten minutes and two cores that have nothing else to do.
bench-streams: $(STAMP)
	$(BIN)/python -m bench.streams --page docs/stream-figures.md

# The labelled data that the classifier is measured on and trained from.
DATA ?= ../shared/data

bench-tier1: $(STAMP)
	$(BIN)/python -m bench.tier1 $(DATA)

# Training needs its own environment, which holds torch, and the labelled data (DATA); CI never trains. An environment
# that already has what bench/tier1/requirements.txt names is taken as it is. What is missing is said before anything runs.
TIER1_VENV ?= .venv-tier1
TIER1_OUT ?= .tier1
TIER1_BIN := $(TIER1_VENV)/bin

# A small cut of everything, in about two minutes on one core: builds, trains, exports and measures.
tier1-smoke: $(TIER1_VENV)/.installed
	TIER1_OUT=$(TIER1_OUT)/smoke bash bench/tier1/train.sh $(TIER1_BIN)/python $(DATA) 0.01 20 10 20

# TIER1_MAIN steps at one rate, then TIER1_COOL down to zero: about two hours on one core.
TIER1_MAIN ?= 4000
TIER1_COOL ?= 1500
tier1-train: $(TIER1_VENV)/.installed
	TIER1_OUT=$(TIER1_OUT)/full bash bench/tier1/train.sh $(TIER1_BIN)/python $(DATA) 1.0 $(TIER1_MAIN) $(TIER1_COOL) 300

$(TIER1_VENV)/.installed: bench/tier1/requirements.txt bench/tier1/venv.sh
	bash bench/tier1/venv.sh $(PYTHON) $(TIER1_VENV)
	@touch $(TIER1_VENV)/.installed

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The lock carries hashes and no addresses; it installs from whichever index pip is set to.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--group dev --group local pyproject.toml -o requirements.lock

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Mirror needs Python 3.11 or newer; found %d.%d. Set PYTHON=/path/to/python3.11" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $(STAMP)

clean:
	rm -rf $(VENV) .mirror .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
