# Everything here works on a machine with Python 3.11 or newer and make, without root.
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= auto
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo serve test check bench calibrate screenshots spark lock clean setup

demo: setup ## load the demonstration programme and serve it
	$(BIN)/tierlift demo --port $(PORT)

serve: setup ## serve your own database
	$(BIN)/tierlift db upgrade
	$(BIN)/tierlift serve --port $(PORT)

test: setup ## every test but those of the documentation, which are a part of check
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
	  --ignore=tests/documentation

check: setup ## format, lint, types, architecture, documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile tests/documentation

bench: setup ## speed, as ratios to a limit measured in the same run
	$(BIN)/python bench/run.py

calibrate: setup ## error rates, coverage and power by simulation, into docs/explanation/calibration.md
	$(BIN)/tierlift calibrate

screenshots: setup ## the pictures of the README, taken from the demonstration in Chromium
	$(BIN)/python -m tests.browser.screenshots

spark: setup ## PySpark, for an analysis past one machine; its tests then run where there is a Java
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation \
	  -r requirements/spark.txt

lock: setup ## compile requirements/*.in to pinned, hashed lists
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-header requirements/runtime.in -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-header -c requirements/runtime.txt \
	  requirements/development.in -o requirements/development.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-header requirements/node.in -o requirements/node.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-header -c requirements/runtime.txt requirements/spark.in -o requirements/spark.txt

setup: $(VENV)/.python-ready node_modules/.ready

$(VENV)/.python-ready: requirements/development.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tierlift needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.12"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || \
	  { echo "This Python has no working venv module; on Debian it is the package python3-venv."; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Browser assets come from npm packages: with the machine's npm, or else the one that PyPI ships.
node_modules/.ready: package.json package-lock.json $(VENV)/.python-ready
	@if command -v npm >/dev/null 2>&1; then npm ci --ignore-scripts --no-audit --no-fund; else \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt && \
	  PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --ignore-scripts --no-audit --no-fund; fi
	@touch $@

clean: ## remove what was made here, the demonstration's data included
	rm -rf $(VENV) node_modules var dist build *.egg-info .mypy_cache .ruff_cache .pytest_cache \
	  .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
