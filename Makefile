# Needs Python 3.11+ and make; everything else is fetched into .venv. The work is in build_support/.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && exit; done; echo python3)

.PHONY: help run test venv build clean

help:
	@echo "make run            start Dougong with the demo (DEMO=0: empty, without demo accounts)"
	@echo "make test           lint, types, layers, unit, web and browser tests (ONLY=lint,types  E2E=0)"
	@echo "make venv           only prepare .venv, with test tools"
	@echo "make build          wheel and source archive in dist/"
	@echo "make clean          remove what was built (keeps var/, the data)"

run:
	@$(PYTHON) build_support/run.py

test:
	@$(PYTHON) build_support/check.py

venv:
	@$(PYTHON) build_support/environment.py --tests

build: venv
	@.venv/bin/python -m pip wheel --disable-pip-version-check --no-deps --wheel-dir dist .

clean:
	rm -rf build dist *.egg-info runtime/static/dist web/node_modules .pytest_cache .mypy_cache .ruff_cache
