# Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3
BIN := .venv/bin

# What the compiled engine is made from: `pip install` makes it anew when any of it has changed.
COMPILED := $(wildcard autograd/*.py autograd/languages/*.py autograd/program/recording.py autograd/native/*.py autograd/native/*.p[xy]* autograd/native/*.h)

.PHONY: demo test slow lint docs notebooks outputs bench clean

demo: .venv/installed
	$(BIN)/stepgrad demo

# Twice: on the engine that was compiled, if there is a C compiler, and on the one to read.
test: .venv/tested lint docs
	$(BIN)/pytest -n auto -m "not slow"
	STEPGRAD_ENGINE=python $(BIN)/pytest -n auto -m "not slow"

slow: .venv/tested
	$(BIN)/pytest -n auto -m slow
	STEPGRAD_ENGINE=python $(BIN)/pytest -n auto -m slow

# Runs the lessons, whose pairs of files must agree. `make outputs` makes the notebooks from the texts,
# run; LESSONS="notebooks/03*.py" chooses some.
notebooks: .venv/tested
	$(BIN)/pytest -q -m "not slow" tests/test_lessons.py
	$(BIN)/pytest -q --nbmake -n auto notebooks/*.ipynb

outputs: .venv/tested
	$(BIN)/python tests/lessons.py $(LESSONS)

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The site, in docs/_build/html. Whatever is complained about on the way fails; what must hold of what
# comes out is in tests/test_docs.py.
docs: .venv/tested
	rm -rf docs/_build
	$(BIN)/sphinx-build -q -W docs docs/_build/html

bench: .venv/installed
	$(BIN)/pip install --quiet --editable '.[bench]'
	$(BIN)/python -m benchmarks --sonar --deep

.venv/installed: pyproject.toml $(COMPILED)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable .
	$(BIN)/stepgrad info
	touch $@

.venv/tested: .venv/installed
	$(BIN)/pip install --quiet --editable '.[docs,test]'
	touch $@

clean:
	rm -rf .venv build dist docs/_build *.egg-info autograd/native/*.so
