# Tidegate needs Python 3.11 or newer and make; everything else arrives in .venv.
#   make PYTHON=/path/to/python3.13    chooses the interpreter
#   make test ARGS="-k pattern -x"     passes words on to pytest, or to tidegate demo
#   make test WORKERS=4                runs that many tests at once

PYTHON  ?=
ARGS    ?=
WORKERS ?= auto

BIN     := .venv/bin
READY   := .venv/ready
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check

# A caller's PYTHONPATH or PYTHONHOME would mix foreign packages into .venv.
unexport PYTHONPATH
unexport PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak clean constraints

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

demo: $(READY) ## start a TAXII server with the samples, sync it, open the terminal interface
	@$(BIN)/tidegate demo $(ARGS)

test: check ## make check, then every test
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: $(READY) ## lint, format, types, import rules
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { $(BIN)/ruff format --check; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@log=$$($(BIN)/lint-imports --no-cache 2>&1) || { printf '%s\n' "$$log"; exit 1; }
	@echo "check: ruff, mypy and import rules are content"

bench: $(READY) ## measure against the goals for speed
	@PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

soak: $(READY) ## the tests with whole campaigns instead of samples of them: long
	@TIDEGATE_SOAK=1 $(BIN)/python -m pytest -n $(WORKERS) --timeout 3600 $(ARGS)

clean: ## remove .venv and everything that tools left behind
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@rm -rf build dist snapshot_report.html
	@find src tests -type d -name __pycache__ -prune -exec rm -rf {} +

constraints: ## renew constraints.txt (the one target that needs uv)
	@head -3 constraints.txt > constraints.new
	@uv pip compile pyproject.toml --quiet --extra demo --group dev --universal \
		--python-version 3.11 --generate-hashes --upgrade --no-header --no-config \
		--no-emit-index-url --no-emit-find-links >> constraints.new
	@mv constraints.new constraints.txt

# The stamp comes last, so an interrupted installation starts again. setuptools goes first because
# one package is published as source only and is built with it, not with an unpinned copy.
$(READY): constraints.txt pyproject.toml
	@found=; \
	for candidate in "$(PYTHON)" $(if $(PYTHON),,python3 python3.13 python3.12 python3.11 python); do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
		then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		if [ -n "$(PYTHON)" ]; then echo "make: $(PYTHON) is not Python 3.11 or newer" >&2; \
		else echo "make: found no Python 3.11 or newer; name one: make PYTHON=/path/to/python3" >&2; fi; \
		exit 1; \
	fi; \
	rm -f $(READY); \
	echo "Preparing .venv with $$($$found -V), once"; \
	"$$found" -m venv --clear .venv || { \
		echo "make: $$found cannot make a virtual environment; on Debian: apt install python3-venv" >&2; \
		exit 1; }
	@sed -n '/^setuptools==/,/[^\\]$$/p' constraints.txt > .venv/setuptools.txt
	@$(INSTALL) --require-hashes -r .venv/setuptools.txt
	@$(INSTALL) --require-hashes --no-build-isolation -r constraints.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $(READY)
