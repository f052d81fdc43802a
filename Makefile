# Every target makes the virtual environment by itself; only Python 3.11+ is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo up test check bench bench-judge format lock clean

demo: $(STAMP)
	$(BIN)/python manage.py demo

up: $(STAMP)
	$(BIN)/python manage.py up

test: $(STAMP)
	$(BIN)/python -m pytest

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
