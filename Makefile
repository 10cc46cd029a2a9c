# Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3
BIN := .venv/bin

# What the compiled engine is made from: `pip install` makes it anew when any of it has changed.
COMPILED := autograd/ops.py autograd/languages.py $(wildcard autograd/native/*.py autograd/native/*.p[xy]* autograd/native/*.h)

.PHONY: demo test slow lint bench clean

demo: .venv/installed
	$(BIN)/stepgrad demo

# Twice: on the engine that was compiled, if there is a C compiler, and on the one to read.
test: .venv/tested lint
	$(BIN)/pytest -n auto -m "not slow"
	STEPGRAD_ENGINE=python $(BIN)/pytest -n auto -m "not slow"

slow: .venv/tested
	$(BIN)/pytest -n auto -m slow
	STEPGRAD_ENGINE=python $(BIN)/pytest -n auto -m slow

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/installed
	$(BIN)/pip install --quiet --editable '.[bench]'
	$(BIN)/python -m benchmarks --sonar --deep

.venv/installed: pyproject.toml $(COMPILED)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable .
	$(BIN)/stepgrad info
	touch $@

.venv/tested: .venv/installed
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@

clean:
	rm -rf .venv build dist *.egg-info autograd/native/*.so
