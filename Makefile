# The two commands of the README are `make run` and `make test`. Everything is put into .venv and var.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
STAMP := .venv/installed
DEV_STAMP := .venv/installed-dev

.PHONY: help run test lint bench messages clean

help:
	@echo "make run      run the site with its demo on http://127.0.0.1:$(PORT) (PORT=… to change)"
	@echo "make test     everything: Python, JavaScript, real browser; on SQLite and on PostgreSQL"
	@echo "make lint     ruff, djlint, tsc"
	@echo "make bench    the figures of docs/performance.md"
	@echo "make messages collect the texts to translate"

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "python3-venv is missing: apt install python3-venv"; exit 1; }
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_STAMP): $(STAMP) requirements-dev.txt package.json
	$(BIN)/pip install -q --disable-pip-version-check -r requirements-dev.txt
	bash .ci/install-test-tools
	@touch $@

run: $(STAMP)
	PORT=$(PORT) BIN=$(BIN) bash deploy/run-local

test: $(DEV_STAMP)
	bash .ci/test

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/djlint --lint templates --quiet
	npx --no-install tsc --noEmit

bench: $(DEV_STAMP)
	$(BIN)/python -m tests.bench

messages: $(STAMP)
	$(BIN)/python manage.py makemessages -l vi --no-location --no-wrap --extension html,py,txt --ignore .venv --ignore node_modules --ignore tests --ignore var

clean:
	rm -rf .venv var node_modules
