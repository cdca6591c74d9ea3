# What one does with a checkout. Everything is installed into .venv from the lock files; nothing else is touched but
# Debian packages that the tests need, and those only where this user may install them.
.PHONY: run test test-all lint audit bench lock generated schema map regions wheel messages examples vectors pictures clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A file of tests stays in one process; each process starts a PostgreSQL and a browser of its own.
PROCESSES ?= 2

run: $(VENV)/runtime
	$(BIN)/forge serve

# Some machines tell Python to keep nothing compiled: each command that the tests start would compile ours again.
test test-all: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/development
	./tests/prepare
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder

test-all: $(VENV)/development $(VENV)/vnu.jar
	./tests/prepare
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder -m "full or not full"

# The Nu HTML checker, where npm and Java are; elsewhere its test is skipped, by name.
VNU := vnu-jar@26.9.27
VNU_SHA256 := 22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47
$(VENV)/vnu.jar: Makefile
	@rm -rf $(VENV)/vnu && mkdir $(VENV)/vnu
	@cd $(VENV)/vnu && java -version 2> /dev/null && npm pack --silent $(VNU) > /dev/null && tar xzf vnu-jar-*.tgz && \
	  echo "$(VNU_SHA256)  package/build/dist/vnu.jar" | sha256sum --check --quiet && mv package/build/dist/vnu.jar .. || \
	  echo "No npm, no Java or no such package: pages are not shown to the Nu HTML checker."
	@rm -rf $(VENV)/vnu; touch -c $@

lint: $(VENV)/development
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Known holes in what is installed: asks PyPI about each package of the lock file. A registry that has no such data, as
# many mirrors of PyPI, is told of each package.
audit: $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)/audit && $(VENV)/audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	$(VENV)/audit/bin/pip-audit --disable-pip --require-hashes --requirement requirements.lock

bench: $(VENV)/development
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.year
	$(BIN)/python -m benchmarks.exchange
	$(BIN)/python -m benchmarks.mirrors
	$(BIN)/python -m benchmarks.code

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Forge needs Python 3.11 or newer; set PYTHON=python3.11"; exit 1; }
	@command -v git > /dev/null || { echo "Forge needs git 2.42 or newer: install the package git"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: $(VENV)/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/development: $(VENV)/bin/python requirements-dev.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/runtime

# New versions of what we depend on; needs uv. The files carry versions and hashes, no address of an index.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --extra postgres --group build -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --extra postgres --group build --group dev -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url benchmarks/requirements.in -o benchmarks/requirements.lock

# All that is made of the code and kept: what a failing test names this for. Each is a target of its own below.
generated: schema messages examples vectors

# The statements of the first migration, after a change of a table; once 0.2.0 is tagged they stay as they are.
schema: $(VENV)/development
	$(BIN)/python tools/first_schema.py

# The map of the page of places, made anew of Natural Earth's countries; needs npm. Only the file it makes is kept here.
map: $(VENV)/development
	rm -rf $(VENV)/atlas && mkdir $(VENV)/atlas
	cd $(VENV)/atlas && npm pack --silent world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
	$(BIN)/python tools/world_map.py $(VENV)/atlas/package forge/web/organizations/world.json

# Names of parts of countries, made anew of CLDR's and iso-codes'; needs npm. Only the file it makes is kept here.
regions: $(VENV)/development
	rm -rf $(VENV)/regions && mkdir $(VENV)/regions
	cd $(VENV)/regions && npm pack --silent cldr-subdivisions-full@48.2.0 && tar xzf cldr-subdivisions-full-48.2.0.tgz
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(VENV)/regions pycountry==26.2.16
	$(BIN)/python tools/region_names.py $(VENV)/regions/package $(VENV)/regions/pycountry forge/web/core/regions.json

# What people read, collected for translators into each catalogue; they are read as they are, nothing is compiled. Their
# heads stay: they hold how many plural forms a language has.
LOCALES ?= forge/i18n/locale
messages: $(VENV)/development
	$(BIN)/forge languages extract --into $(LOCALES)

# The examples of answers in /openapi.json, as the routes answer now.
examples: $(VENV)/development
	PYTHONPATH=tests $(BIN)/python -m support.api_examples

# Test vectors and schemas of the exchange between catalogues, for whoever implements it elsewhere.
vectors: $(VENV)/development
	PYTHONPATH=.:tests $(BIN)/python tests/exchange/make_vectors.py

# The two screenshots of the README, of the catalogue that is shipped; needs Chromium, as the tests do.
pictures: $(VENV)/development
	PYTHONPATH=tests $(BIN)/python tools/readme_pictures.py docs/pictures

# The wheel and the source distribution, in dist.
wheel: $(VENV)/development
	$(BIN)/python -m build --no-isolation

clean:
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
