# Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3
BIN := .venv/bin

# What the compiled engine is made from: `pip install` makes it anew when any of it has changed.
COMPILED := $(wildcard autograd/*.py autograd/languages/*.py autograd/program/*.py autograd/native/*.py autograd/native/*.p[xy]* autograd/native/*.h)

.PHONY: demo test slow growing lint docs notebooks outputs bench versions clean

demo: .venv/installed
	$(BIN)/stepgrad demo

# Twice, but for what does not depend on it: on the engine that was compiled, if there is a C compiler,
# and on the one to read.
test: .venv/tested lint docs
	$(BIN)/pytest -n auto -m "not slow"
	STEPGRAD_ENGINE=python $(BIN)/pytest -n auto -m "not slow and not once"

# Once: both engines have equal bits, which the quick tests hold them to.
slow: .venv/tested
	$(BIN)/pytest -n auto -m slow

# What needs PyTorch: 0.9 GB and two minutes with the build for CPUs, which is kept if it is there
# already (.venv/bin/pip install torch==2.13.0, where an index has it); several GB with the build for
# CUDA, which Linux gets otherwise. So it is no part of CI.
growing: .venv/tested
	$(BIN)/pip install --quiet --editable '.[torch]'
	$(BIN)/pytest -n auto -m growing tests
	$(BIN)/pytest -q tests/test_docs.py -k "pages and growing"

# The suite on every newer CPython that pyenv or the PATH has, but for what does not depend on the
# engine; and on 3.14, which npm has as WebAssembly, the tests that need nothing but the standard
# library.
NEWER := $(foreach minor,12 13 14 15,$(firstword $(wildcard $(shell pyenv root 2>/dev/null)/versions/3.$(minor).*/bin/python) $(shell command -v python3.$(minor))))

versions: $(NEWER) build/pyodide
	@echo "newer than $$($(PYTHON) --version): $(or $(NEWER),none) and Pyodide's"
	for python in $(NEWER); do \
	    venv=build/$$($$python -c 'import sys; print("python%d.%d" % sys.version_info[:2])') && \
	    $$python -m venv $$venv && $$venv/bin/pip install --quiet --editable '.[docs,dot,test]' && \
	    $$venv/bin/stepgrad info && \
	    $$venv/bin/python -m pytest -n auto -m "not slow and not once" || exit 1; \
	done
	node --stack-size=30000 tests/pyodide.mjs build/pyodide -q -m "not slow" $(STANDARD)

STANDARD := autograd $(addprefix tests/test_,conventions.py explain.py flows.py gradcheck.py house.py special_points.py structure.py worked_examples.py)

build/pyodide:
	mkdir -p $@
	npm install --silent --no-save --prefix $@ pyodide@314
	$(PYTHON) -m pip install --quiet --target $@/site pytest mpmath

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
	$(BIN)/python -m benchmarks --sonar --deep --growth

.venv/installed: pyproject.toml $(COMPILED)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable .
	$(BIN)/stepgrad info
	touch $@

.venv/tested: .venv/installed
	$(BIN)/pip install --quiet --editable '.[docs,dot,jax,onnx,ray,test]'
	touch $@

clean:
	rm -rf .venv build dist docs/_build *.egg-info autograd/native/*.so
