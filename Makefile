# The two commands of a fresh machine are `make demo` and `make test`; both do all the set-up.
SHELL := /bin/bash
PY := .venv/bin/python

.PHONY: help build demo test lint clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build:  ## make .venv and build the package into it (colcon)
	@bash tools/setup.sh

test: build  ## run every test
	@$(PY) -m pytest

lint: build  ## ruff and mypy
	@$(PY) -m ruff check rfsn_ros test launch
	@$(PY) -m mypy

clean:  ## remove everything that was built (runs/ is kept)
	rm -rf .venv .venv-colcon .build
