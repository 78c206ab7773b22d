# `make help` lists the targets. Needs make, and a Python 3.11 to 3.13 (PYTHON=… names one).
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# Two cores are what CI has; more workers than cores only wait. PYTEST_ARGS adds to each run.
TEST_WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -p no:cacheprovider -q -n $(TEST_WORKERS)
# What production refuses to start without; only for the check of its settings.
CHECK_PRODUCTION := DJANGO_SETTINGS_MODULE=portal.settings.production \
	SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF \
	ALLOWED_HOSTS=portal.example BASE_URL=https://portal.example \
	DATABASE_URL=sqlite:////nowhere/portal.sqlite3

.PHONY: help run serve test test-sqlite test-postgresql test-engines test-browser test-drills \
	services services-stop lint format bench lock messages demo-reset clean vectors

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.installed: requirements.txt .ci/venv
	@.ci/venv requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .ci/venv
	@.ci/venv requirements-dev.txt
	@touch .venv/.installed $@

# Running ---------------------------------------------------------------------------------------

run: .venv/.installed ## the portal with the demo network, on HOST:PORT (127.0.0.1:8000)
	@exec $(MANAGE) run --end-with-parent

serve: .venv/.installed ## the same processes with production settings, no demo
	@exec env DJANGO_SETTINGS_MODULE=portal.settings.production $(MANAGE) run --end-with-parent

demo-reset: .venv/.installed ## throw the demo's data away; the next `make run` loads it anew
	@$(MANAGE) demo_reset

vectors: .venv/.installed ## install what SEARCH_VECTORS=on needs (100 MB)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-vectors.txt && echo "SEARCH_VECTORS=on can be set now"

# Testing ---------------------------------------------------------------------------------------

# SQLite always; PostgreSQL where DATABASE_URL names one. Both run even if the first one fails.
test: .venv/.installed-dev ## the whole suite, on SQLite and on what services there are
	@status=0; \
	$(MAKE) --no-print-directory test-sqlite || status=1; \
	case "$$DATABASE_URL" in \
	postgres*) $(MAKE) --no-print-directory test-postgresql || status=1 ;; \
	*) echo "left out: the suite on PostgreSQL (DATABASE_URL names none; make services starts one)" ;; \
	esac; exit $$status

test-sqlite: .venv/.installed-dev ## the whole suite on SQLite
	@env -u DATABASE_URL $(PYTEST) --tally var/test/sqlite.json $(PYTEST_ARGS)

test-postgresql: .venv/.installed-dev ## the whole suite on the PostgreSQL of DATABASE_URL
	@$(PYTEST) --tally var/test/postgresql.json $(PYTEST_ARGS)

test-engines: .venv/.installed-dev ## what needs or compares real engines
	@$(PYTEST) -m engines $(PYTEST_ARGS)

test-browser: .venv/.installed-dev ## journeys in Chromium
	@$(PYTEST) -m browser $(PYTEST_ARGS)

test-drills: .venv/.installed-dev ## processes killed, services broken
	@$(PYTEST) -m drills $(PYTEST_ARGS)

bench: .venv/.installed-dev ## benchmarks; prints a table, writes JSON under var/bench/
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

services: ## PostgreSQL, Redis and Elasticsearch on loopback: eval "$$(make -s services)"
	@.ci/services start

services-stop: ## end what `make services` started
	@.ci/services stop

# Looking after the code ------------------------------------------------------------------------

lint: .venv/.installed-dev ## formatting, lint, templates, types, settings and migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/mypy
	@temporary=$$(mktemp -d) && trap 'rm -rf "$$temporary"' EXIT && export DATA_DIR="$$temporary" && \
	echo "manage.py makemigrations --check" && $(MANAGE) makemigrations --check --dry-run && \
	echo "manage.py check --deploy" && \
	$(CHECK_PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

format: .venv/.installed-dev ## format the Python code and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/.installed-dev ## lock requirements*.in with hashes, for Python 3.11 to 3.13
	@for name in requirements requirements-vectors requirements-dev; do \
	$(BIN)/uv pip compile $$name.in --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	$(LOCK_ARGS) -o $$name.txt && echo "$$name.txt"; done

messages: .venv/.installed-dev ## collect strings for translation, then compile (needs gettext)
	@$(BIN)/django-admin makemessages --all --no-wrap --no-obsolete --add-location file \
	--ignore .venv --ignore var --ignore tests
	@$(BIN)/django-admin compilemessages --ignore .venv
	@cd portal/wagtail_locale/he/LC_MESSAGES && msgfmt -o django.mo django.po

clean: ## remove caches and what tests left under var/ (never the data)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache var/test var/ci
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
