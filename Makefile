# `make report` and `make test` do all the set-up. All paths are relative, so that the checkout may
# lie in a folder with blanks and umlauts in its name.

VENV ?= .venv
RUN := $(VENV)/bin/python
export PYTHONUTF8 := 1

# An editable install names the checkout by its absolute path, which Python reads in the encoding of
# the locale: with LC_ALL=C an umlaut in it keeps Python from starting. A relative path does not.
RELATIVE_LINK = case "$(VENV)" in */*) ;; *) for link in \
	"$(VENV)"/lib/python3*/site-packages/_begleitforschung.pth; do \
	echo ../../../../src >"$$link"; done ;; esac

.DEFAULT_GOAL := help
.PHONY: help report test lint format types contracts measures bench wheel lock check clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 12

report: $(VENV)/.run ## make the reports on the example project and say where they lie
	@$(RUN) -m begleitforschung report

test: $(VENV)/.test ## run the whole test suite
	@$(RUN) -m pytest -n auto --dist loadfile -p no:benchmark

lint: $(VENV)/.dev ## ruff: rules and layout
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

format: $(VENV)/.dev ## ruff: mend what can be mended
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

types: $(VENV)/.dev ## mypy, strict
	@$(RUN) -m mypy

contracts: $(VENV)/.test ## which room may import which
	@$(RUN) -c "from importlinter.cli import lint_imports_command as lint; lint()"

measures: $(VENV)/.test ## the code against the aims of the design
	@$(RUN) scripts/measures.py

bench: $(VENV)/.test ## the benchmarks; not part of the tests
	@$(RUN) -m pytest benchmarks --benchmark-only --benchmark-sort=name

wheel: $(VENV)/.dev ## build the wheel into dist/
	@$(RUN) -m build --wheel --no-isolation

lock: $(VENV)/.dev ## resolve all dependencies afresh
	@$(RUN) scripts/lock.py

check: lint types contracts measures test ## all that CI checks in the checkout

clean: ## remove caches and what was built, not the environment
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .benchmarks

# An environment is made once; a wider set of packages (run < test < dev) replaces a narrower one.
$(VENV)/bin/python:
	@sh scripts/make_venv.sh $(VENV)

$(VENV)/.run: requirements/run.txt
$(VENV)/.test: requirements/test.txt
$(VENV)/.dev: requirements/dev.txt
$(VENV)/.run $(VENV)/.test $(VENV)/.dev: $(VENV)/.%: pyproject.toml | $(VENV)/bin/python
	@echo "Installing requirements/$*.txt into $(VENV) (some minutes the first time) ..."
	@$(RUN) -m pip install --quiet --compile --require-hashes -r requirements/$*.txt
	@$(RUN) -m pip install --quiet --compile --no-deps --no-build-isolation -e .
	@$(RELATIVE_LINK)
	@touch $@
