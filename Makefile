# The two commands of a fresh machine are `make demo` and `make test`; both do all the set-up.
SHELL := /bin/bash
PY := .venv/bin/python

# Nothing of a demo or a test leaves the machine, and runs side by side do not hear each other.
export ROS_AUTOMATIC_DISCOVERY_RANGE := LOCALHOST
export ROS_DOMAIN_ID ?= $(shell echo $$((1 + RANDOM % 100)))

EPISODES ?= 30
SEED ?= 1

.PHONY: help build demo test test-fast config lint check docs soak clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build:  ## make .venv and build the package into it (colcon)
	@bash tools/setup.sh

demo: build  ## drive and learn over DDS, beside a random policy (EPISODES=30 SEED=1)
	@$(PY) -m rfsn_ros nav --name demo --overwrite --episodes $(EPISODES) --seed $(SEED)

test: build  ## run every test
	@$(PY) -m pytest

test-fast: build  ## run every test but the slow ones
	@$(PY) -m pytest -m 'not slow'

config: build  ## write config/default.yaml from the descriptions in the code
	@$(PY) -c 'from rfsn_ros.config import annotated_yaml; print(annotated_yaml(), end="")' > config/default.yaml

lint: build  ## ruff and mypy
	@$(PY) -m ruff check rfsn_ros test launch
	@$(PY) -m mypy

check: lint  ## lint, ROS 2's linters, security rules, an audit of the pinned dependencies
	@$(PY) -m pip install --quiet -r requirements/docs.txt 2> >(grep -v '^WARNING: Location' >&2)
	@$(PY) -m ruff check --select S --ignore S101,S311,S404,S603 rfsn_ros launch
	@.venv/bin/ament_flake8 --exclude rfsn_ros/repair/corpus -- rfsn_ros launch
	@.venv/bin/ament_pep257 --exclude 'rfsn_ros/repair/corpus/*' -- rfsn_ros launch > .build/pep257.log 2>&1 \
	  || { grep -E ': D[0-9]+:' .build/pep257.log; exit 1; }
	@$(PY) -m pip_audit --progress-spinner off -r requirements/demo.txt

docs: build  ## build the documentation into site/; a warning is an error
	@$(PY) -m pip install --quiet -r requirements/docs.txt 2> >(grep -v '^WARNING: Location' >&2)
	@$(PY) docs/make_parameters.py
	@$(PY) docs/make_reliability.py
	@$(PY) -m mkdocs build --strict

soak: build  ## the fault suite in long form (about 45 minutes), results into docs/reliability.json
	@$(PY) test/faults/soak.py --rounds 20 --kills 34 --robots 10 --episodes 10000 --out docs/reliability.json

clean:  ## remove everything that was built (runs/ is kept)
	rm -rf .venv .venv-colcon .build
