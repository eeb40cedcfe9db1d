# The project's commands. Recipes are plain sh and hold no path of this machine; folders' names may have spaces.

# The system's own Python, if it will do. Version managers mostly build theirs without a profile of what runs often, and
# then everything takes a sixth longer.
PYTHON  ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo /usr/bin/python3 || echo python3)
ADDRESS ?= 127.0.0.1
PORT    ?= 8000
WORKERS ?= $(shell getconf _NPROCESSORS_ONLN)
VAR_DIR ?= $(CURDIR)/var
# An IPv6 address stands in brackets before a port. A site that listens at all addresses is named by this machine's own.
bracketed = $(if $(findstring :,$(1)),[$(1)],$(1))
SITE_URL ?= http://$(call bracketed,$(patsubst ::,::1,$(patsubst 0.0.0.0,127.0.0.1,$(ADDRESS)))):$(PORT)
export ADDRESS PORT VAR_DIR SITE_URL
unexport DJANGO_SETTINGS_MODULE PYTHONPATH

PREPARE = command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) is missing. Install Python 3.11 or newer with venv;" \
	"on Debian or Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }; "$(PYTHON)" scripts/prepare.py
MANAGE = .venv/bin/python manage.py
SERVER = .venv/bin/python -m granian --interface wsgi --host $(ADDRESS) --port $(PORT) --http 1 --no-ws \
	--workers $(WORKERS) --blocking-threads 4 --backlog 4096 --backpressure 900 --respawn-failed-workers --workers-kill-timeout 10 \
	--log-level warning --no-access-log forum.wsgi:application
# Names what is newer than the collected files (ours, or the libraries), or complains that there are none yet.
STATIC_CHANGED = find requirements.lock accounts agenda forum -newer "$(VAR_DIR)/static/staticfiles.json" \
	'(' -name requirements.lock -o -path '*/static/*' ')'

# The checks see none of the settings that somebody keeps in their shell.
IN = .venv/bin/python scripts/in_environment.py
# An idle worker takes tests over from a busy one: the slow ones stand together.
PYTEST = .venv/bin/python -m pytest -n auto --dist worksteal
TEMPLATES = find templates -name '*.html' -exec .venv/bin/djade

# What needs the longest stands first.
CHECKS = types lint templates imports migrations deploy
# Everything else goes one after the other, also where MAKEFLAGS asks for more. The words of each check stay together, if
# make is newer than the one of 2006 that macOS brings.
TWO_AT_ONCE = --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) TOGETHER=yes
ifndef TOGETHER
.NOTPARALLEL:
endif

.PHONY: help run demo serve build test quick try-install try-image tools machine lint templates types imports migrations deploy unit postgres audit bench bench-polls bench-import bench-cluster chaos format lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1: /p' Makefile

run demo serve: export PYTHONUNBUFFERED = 1
run demo: export DEBUG = 1
run demo: export DJANGO_RUNSERVER_HIDE_WARNING = true
run: ## the site on this machine, at http://127.0.0.1:8000 (PORT=8001: at another port)
demo: ## the same beside a made-up conference of 300 talks that is on today
run demo:
	@$(PREPARE) $@
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) check_secrets
	@$(MANAGE) first_run
	@$(if $(filter demo,$@),$(MANAGE) demo,:)
	@exec $(MANAGE) runserver '$(call bracketed,$(ADDRESS)):$(PORT)'

serve: export DEBUG = 0
serve: ## the site as in production, one worker a core (ADDRESS, PORT, WORKERS, SITE_URL, SECRET_KEY…)
	@$(PREPARE) $@
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) check_secrets
	@$(MANAGE) first_run
	@test -z "$$($(STATIC_CHANGED) 2>&1)" || { echo "Hashing and compressing static files …"; \
		$(MANAGE) collectstatic --no-input --verbosity 0; }
	@echo "Serving $(SITE_URL) with $(WORKERS) workers; Ctrl+C stops it."
	@exec $(SERVER)

build: ## what a start would otherwise do: libraries in .venv, static files in build/static
	@$(PREPARE) $@
	@SECRET_KEY=to-build-static-files-0123456789-0123456789-abcdefghij DEBUG=0 STATIC_DIR="$(CURDIR)/build/static" \
		$(MANAGE) collectstatic --no-input --clear --verbosity 0
	@.venv/bin/python -m compileall -q manage.py forum accounts agenda database

test: machine ## every check there is (POSTGRES=skip leaves PostgreSQL out)
	@$(MAKE) --no-print-directory $(TWO_AT_ONCE) $(CHECKS)
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory postgres
	@printf '\n== Everything passed%s\n' "$(if $(filter skip,$(POSTGRES)), except PostgreSQL (skipped))"

quick: tools ## lint, types, floors, templates, and the tests of the modules changed since main
	@$(MAKE) --no-print-directory $(TWO_AT_ONCE) types lint imports templates
	@printf '\n== Tests of what changed since main: pytest\n'
	@$(IN) checks .venv/bin/python scripts/changed.py $(PYTEST)

tools: # what the checks are made of, in .venv
	@$(PREPARE) test

machine: tools # what the tests borrow from the machine: said at the start rather than minutes later
	@.venv/bin/python scripts/machine.py chromium calcurse redis $(if $(filter skip,$(POSTGRES)),,postgresql)

lint: tools ## format and lint, also of new migrations
	@printf '\n== Format and lint: ruff\n'
	@.venv/bin/python -m ruff format --check
	@.venv/bin/python -m ruff check
	@printf '\n== New migrations and the release before: django-migration-linter\n'
	@$(IN) checks .venv/bin/python scripts/lint_migrations.py

templates: tools ## template format
	@printf '\n== Templates: djade\n'
	@$(TEMPLATES) --check {} +

types: tools ## types
	@printf '\n== Types: mypy\n'
	@$(IN) checks .venv/bin/python -m mypy

imports: tools ## import floors
	@printf '\n== Import floors: import-linter\n'
	@$(IN) checks .venv/bin/lint-imports --no-logo

migrations: tools ## models and migrations in step
	@printf '\n== Migrations in step with the models\n'
	@$(IN) checks $(MANAGE) makemigrations --check --dry-run

deploy: tools ## production settings
	@printf '\n== Production settings: check --deploy\n'
	@$(IN) production $(MANAGE) check --deploy --fail-level WARNING

unit: tools ## all tests on SQLite, browser tests included, with branch coverage
	@printf '\n== Tests on SQLite, with coverage and Chromium: pytest\n'
	@.venv/bin/python scripts/machine.py chromium calcurse redis
	@$(IN) checks $(PYTEST) -p tests.measuring -p tests.statements

postgres: tools ## the tests that a database can make different and each kind of statement, on a PostgreSQL of their own
	@printf '\n== Tests on PostgreSQL: pytest\n'
ifeq ($(POSTGRES),skip)
	@echo "Skipped, as POSTGRES=skip asks."
else
	@.venv/bin/python scripts/machine.py postgresql redis
	@$(IN) checks .venv/bin/python scripts/postgres.py $(PYTEST) --ignore=tests/browser --ignore=tests/agenda/formats
endif

try-install: tools ## docs/operations.md word by word: Install, a restore, Upgrade; as root on Debian, where nothing of it stays
	@$(IN) checks env TRY_INSTALL=1 .venv/bin/python -m pytest tests/deploy/test_install.py

try-image: tools ## builds deploy/Containerfile on the image BASE, and runs it as any user
	@$(IN) checks env TRY_IMAGE="$(or $(BASE),docker.io/library/python:3.12-slim)" .venv/bin/python -m pytest tests/deploy/test_image.py

bench: ## what each page and feed costs make serve's server, on the seed and on 1,000 sessions (ONLY="my agenda": of these alone)
	@$(PREPARE) $@
	@$(IN) bench .venv/bin/python -m tests.bench $(SERVER)

bench-polls: export KEYS ?= 20000
bench-polls: tools ## what calendars that come every 15 minutes cost it (KEYS=1000000 of them), on SQLite and on PostgreSQL
	@$(PREPARE) $@
	@printf '== SQLite\n'
	@$(IN) bench .venv/bin/python -m tests.bench.polls $(SERVER)
ifneq ($(POSTGRES),skip)
	@.venv/bin/python scripts/machine.py postgresql
	@printf '\n== PostgreSQL\n'
	@$(IN) bench .venv/bin/python scripts/postgres.py .venv/bin/python -m tests.bench.polls $(SERVER)
endif

bench-import: tools ## what bringing in a programme of 1,000 sessions costs (FILE=…: that one), and what calendars notice of it
	@$(PREPARE) $@
	@$(IN) bench .venv/bin/python -m tests.bench.imports $(SERVER)

bench-cluster: tools ## two servers behind nginx, PgBouncer, PostgreSQL and Redis; one is killed under load, nothing may be lost
	@$(PREPARE) $@
	@.venv/bin/python scripts/machine.py postgresql redis
	@$(IN) bench .venv/bin/python scripts/postgres.py .venv/bin/python -m tests.bench.cluster $(SERVER)

chaos: export CHAOS_KILLS ?= 200
chaos: tools ## bad days: CHAOS_KILLS times kill -9, full disks, deletions, restores…; nothing acknowledged may be lost
	@$(PREPARE) $@
	@.venv/bin/python scripts/machine.py redis
	@$(IN) bench .venv/bin/python -m tests.chaos $(SERVER)
ifneq ($(POSTGRES),skip)
	@.venv/bin/python scripts/machine.py postgresql
	@$(IN) bench .venv/bin/python scripts/postgres.py .venv/bin/python -m tests.chaos $(SERVER)
endif

audit: tools ## known holes in what the locks name, a list of all parts (CycloneDX) and their licences
	@.venv/bin/python scripts/audit.py requirements.lock

format: tools ## put code and templates into format
	@.venv/bin/python -m ruff check --fix
	@.venv/bin/python -m ruff format
	@$(TEMPLATES) {} +

lock: tools ## write requirements.lock and requirements-dev.lock again (UPGRADE=1: with the newest versions allowed)
	@$(LOCK) --output-file requirements.lock
	@$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock
# Extras stay in the locks: pip takes an entry without them for another requirement, and looks for its newest version.
LOCK = .venv/bin/python -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	--extra postgres --extra redis $(if $(UPGRADE),--upgrade)

clean: ## delete what can be made again; var/, which holds the data, stays
	rm -rf .venv .hypothesis .*_cache
