# SPDX-License-Identifier: Apache-2.0
# Only relative paths below, so that the checkout may lie in a folder with spaces in its name.

PYTHON ?= python3
ARGS ?=
BOARD ?=
PORT ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TRACE := ../shared/data/contact_traces/primary_school.csv

.PHONY: rv32 bench-rv32 study help setup micropython demo test test-long bench lint flash clean FORCE
.DEFAULT_GOAL := help

help:
	@echo "make setup      everything the other targets need, into .venv and .micropython (network the first time only)"
	@echo "make demo       virtual tokens meet each other on this machine"
	@echo "make test       the tests                          ARGS='-k name' goes to pytest"
	@echo "make test-long  the campaigns that take longer     ARGS as above"
	@echo "make bench      the measurements                ARGS=--day follows the heap through a day, in 20 minutes"
	@echo "make rv32       a 32-bit MicroPython under QEMU; 'make test ARGS=\"-m rv32\"' then runs its tests"
	@echo "make bench-rv32 instructions counted on it         ARGS=--write keeps them in docs/COUNTS.md"
	@echo "make study      what the schedule catches, beside others   BLUETOKEN_TRACE names a contact trace; ARGS='--plot FILE.svg'"
	@echo "make lint       ruff and mypy, host tool and firmware"
	@echo "make flash      firmware onto a token: make flash BOARD=... PORT=..."
	@echo "make clean      removes .venv, .micropython and what tools left behind"

setup: $(INSTALLED) micropython

# The script is done at once when the interpreter is in place and runs.
micropython:
	@sh tools/get_micropython.sh

# A virtual environment holds absolute paths: the stamp says for which folder it was made, and a moved checkout gets a
# new one.
ifneq ($(shell test "$$(cat $(INSTALLED) 2>/dev/null)" = "$$(pwd -P)" && echo here),here)
$(INSTALLED): FORCE
endif

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "make setup needs Python 3.11 or newer: install python3, or name one with make setup PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "make setup needs Python's venv module: install the package python3-venv" >&2; exit 1; }
	@rm -f $(INSTALLED)
	@test "$$(cat $(VENV)/.made-in 2>/dev/null)" = "$$(pwd -P)" || rm -rf $(VENV)
	@test -d $(VENV) || echo "Making .venv and installing into it ..."
	@test -d $(VENV) || { $(PYTHON) -m venv $(VENV) && pwd -P > $(VENV)/.made-in; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@pwd -P > $(INSTALLED)

demo: setup
	@$(BIN)/bluetoken virtual demo

test: setup
	@test -f .rv32/firmware.elf || echo "Without the 32-bit interpreter, which has tests of its own: make rv32"
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

test-long: setup
	@$(BIN)/python -m pytest -m long $(ARGS)

bench: setup
	@$(BIN)/python -m bluetoken.bench $(ARGS)

# A bare 32-bit MicroPython under QEMU; needs a cross compiler, and says which packages.
rv32:
	@sh tools/rv32/build.sh

bench-rv32: setup rv32
	@$(BIN)/python tools/rv32/counts.py $(ARGS)

# The first day of a trace where there is one, else days that are made up.
study: setup
	@trace="$${BLUETOKEN_TRACE:-$(TRACE)}"; \
	if [ -n "$$BLUETOKEN_TRACE" ] || [ -f "$$trace" ]; then \
		$(BIN)/bluetoken study rendezvous --trace "$$trace" --days 1 --phones $(ARGS); \
	else $(BIN)/bluetoken study rendezvous --phones $(ARGS); fi

lint: setup
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy
	@if [ -f tests/typecheck_firmware.sh ]; then sh tests/typecheck_firmware.sh; fi

flash: setup
	@if [ -z '$(BOARD)' ] || [ -z '$(PORT)' ]; then \
		echo "make flash needs the board and the serial port: make flash BOARD=... PORT=..." >&2; exit 1; fi
	@$(BIN)/bluetoken flash --board '$(BOARD)' --port '$(PORT)'

clean:
	rm -rf $(VENV) .rv32 .micropython .micropython.tmp.* build tools/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find firmware tools tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
