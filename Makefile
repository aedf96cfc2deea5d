# Partner Hub. Needs make and Python 3.11 or newer; everything else goes into .venv.
#
#   make demo    one whole sync over a simulated company, twice, and what came out
#   make test    the whole suite
#   make help    the rest

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

# The first of these that runs, is new enough and can make environments. PYTHON=... decides otherwise.
PYTHONS := python3.13 python3.12 python3.11 python3 python

# Installed once per change of the lock or of pyproject.toml.
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
SPARK_STAMP := $(VENV)/.installed-spark

.PHONY: help demo test lint types contracts check docs bench weights figures soak reliability planted screenshots spark dev lock assets clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

demo: $(RUN_STAMP) ## one whole sync over a simulated company, twice, and what came out
	@$(BIN)/partnerhub demo

test: $(DEV_STAMP) ## the whole suite (ARGS="tests/warehouse -x" for a part of it)
	@$(PYTEST) $(ARGS)

lint: $(DEV_STAMP) ## ruff: every rule, and the format
	@$(BIN)/ruff check --output-format concise .
	@$(BIN)/ruff format --check .

types: $(DEV_STAMP) ## mypy, strict
	@$(BIN)/mypy

contracts: $(DEV_STAMP) ## which room may import which, and whether what is promised of published tables still holds
	@$(BIN)/lint-imports
	@$(BIN)/python -m partnerhub.cli.app contract diff

check: lint types contracts test ## everything a change must pass

docs: $(DEV_STAMP) ## write the generated parts of the documentation again
	@$(BIN)/python docs/generate.py

bench: $(DEV_STAMP) ## cost per record of the whole path (minutes; ARGS=--help)
	@$(BIN)/python -m benchmarks.whole_path $(ARGS)

weights: $(DEV_STAMP) ## learn the weights of matching again from labelled records, and judge them (a minute; needs ../shared)
	@$(BIN)/python -m benchmarks.labelled_worlds .demo/worlds 11 12 13
	@$(BIN)/python -m pipelines.resolve.learn dev=../shared/corpora/er/dev*2 chicago=../shared/corpora/er/chicago \
	  world11=.demo/worlds/11 world12=.demo/worlds/12 world13=.demo/worlds/13 --out partnerhub/identity/weights.json $(ARGS)

figures: $(DEV_STAMP) ## write docs/develop/identity-figures.md and its curves: how right matching is (minutes; needs ../shared)
	@$(BIN)/python -m benchmarks.labelled_worlds .demo/worlds 11 12 13
	@$(BIN)/python -m benchmarks.labelled_worlds .demo/unseen $$(seq 21 50)
	@$(BIN)/python -m benchmarks.matching_report dev=../shared/corpora/er/dev*2 chicago=../shared/corpora/er/chicago \
	  world11=.demo/worlds/11 world12=.demo/worlds/12 world13=.demo/worlds/13 --unseen .demo/unseen \
	  --curves dev,chicago --out docs/develop $(ARGS)

soak: $(DEV_STAMP) ## 200 syncs killed at random, then every property with fifty times the examples (long; KILLS=20, AT_ONCE=2, GO_ON=--go-on)
	@$(BIN)/python -m tests.crash.random_kills --kills $(or $(KILLS),200) --at-once $(or $(AT_ONCE),1) --report docs/soak-report.md $(GO_ON)
	@PARTNERHUB_TEST_PROFILE=soak $(PYTEST) -m hypothesis $(ARGS)

reliability: $(DEV_STAMP) ## every fault that can befall a sync, and docs/reliability-report.md from what came of it (minutes)
	@$(PYTEST) -m fault --reliability-report=docs/reliability-report.md $(ARGS)

planted: $(DEV_STAMP) ## break every promise on purpose, in a copy, and see its test turn red (minutes; ARGS="lost twice")
	@$(BIN)/python -m tests.planted.plant $(ARGS)

screenshots: $(DEV_STAMP) ## a picture of every page, wide and narrow, light and dark, in .artifacts (ARGS=--readme for those of the README)
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

spark: $(SPARK_STAMP) ## matching on Spark against DuckDB, pair by pair (minutes; needs Java 17, installed with apt-get as root)
	@$(java)
	@$(PYTEST) -m spark --durations=0 $(ARGS)

dev: $(RUN_STAMP) ## Dagster's pages over this folder
	@$(BIN)/dagster dev

lock: ## resolve pyproject.toml again and write both locks (ARGS=--upgrade for newer versions)
	@$(find_python); "$$python" .ci/lock.py $(ARGS)

assets: ## take the pages' stylesheet, script and icons out of their npm packages again (needs npm)
	@$(find_python); "$$python" .ci/assets.py

clean: ## remove what can be made again: environment, caches, demo
	@rm -rf $(VENV) .demo .dagster .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .artifacts dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------- environment

find_python = for python in $(PYTHON) $(PYTHONS) none; do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then break; fi; \
	done; \
	if [ "$$python" = none ]; then \
	  echo "Partner Hub needs Python 3.11 or newer with venv (Debian, Ubuntu: apt install python3 python3-venv)." >&2; \
	  echo "Tried: $(PYTHON) $(PYTHONS). Set PYTHON=/path/to/python to use another." >&2; \
	  exit 2; \
	fi

# As Debian names it; elsewhere it is said what is missing. tests/pipelines/test_spark.py skips without it.
java = [ -n "$$JAVA_HOME" ] || command -v java >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && for package in openjdk-17-jre-headless default-jre-headless; do \
	    apt-get install -y -qq --no-install-recommends "$$package" >/dev/null && break; done && command -v java >/dev/null; \
	} || { echo "Spark needs Java 17 or newer (Debian, Ubuntu: apt install openjdk-17-jre-headless)." >&2; exit 2; }

# --no-deps: the lock is the whole closure, so nothing is resolved again and nothing slips in.
define install
	@$(find_python); \
	if command -v uv >/dev/null 2>&1; then \
	  [ -x $(BIN)/python ] || uv venv --quiet --seed --python "$$python" $(VENV); \
	  installer="uv pip install --quiet --python $(BIN)/python"; \
	else \
	  [ -x $(BIN)/python ] || { echo "Making $(VENV) with $$("$$python" --version) ..."; "$$python" -m venv $(VENV); }; \
	  installer="$(BIN)/python -m pip install -qq --disable-pip-version-check"; \
	fi; \
	echo "Installing $$(grep -c == $(1)) pinned packages of $(1); the first time takes a minute or two ..."; \
	$$installer --no-deps -r $(1) && \
	$$installer --no-deps -e . && \
	{ $(BIN)/python -m compileall -q -j 0 $(BIN)/../lib/python*/site-packages >/dev/null 2>&1 || true; } && \
	touch $@
endef

$(RUN_STAMP): requirements.lock pyproject.toml
	$(call install,requirements.lock)

$(DEV_STAMP): requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock)
	@touch $(RUN_STAMP)

$(SPARK_STAMP): requirements-spark.lock $(DEV_STAMP)
	$(call install,requirements-spark.lock)
