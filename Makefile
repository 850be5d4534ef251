# The commands of the helpdesk. `make` alone lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check drill bench lock messages

# The first Python that is new enough; PYTHON=… overrides it.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
IN := .venv/bin/python
PORT ?= 8000
BIND ?= 127.0.0.1
JOBS ?= auto
TICKETS ?= 10000 100000 1000000
OPEN ?= 10000 100000 1000000
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1@/p' $(MAKEFILE_LIST) | while IFS=@ read -r name what; do printf '%-14s %s\n' "$$name" "$$what"; done

run: .venv/installed ## Start the helpdesk (PORT=8000 BIND=127.0.0.1 DATA=folder EMPTY=1)
	@exec $(IN) manage.py up --port $(PORT) --bind $(BIND) $(if $(DATA),--data "$(DATA)") $(if $(EMPTY),--empty)

test: .venv/installed-dev ## Run the tests (JOBS=2)
	@$(IN) -m pytest -n $(JOBS) --dist loadgroup

check: .venv/installed-dev ## Check style, types, layers, templates, migrations and deployment
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy .
	@.venv/bin/lint-imports --no-cache
	@.venv/bin/djlint --quiet --lint templates
	@.venv/bin/djlint --quiet --lint --profile jinja -e jinja templates
	@find templates -name '*.html' -exec .venv/bin/djade --check --target-version 5.2 {} +
	@$(IN) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run --verbosity 0
	@SITE_URL=https://desk.example $(IN) manage.py check --deploy --fail-level WARNING
	@$(IN) -m pytest -q tests/architecture

drill: .venv/installed-dev ## Run the tests at full size, resumable (FRESH=1 begins anew)
	@$(IN) -m tests.drill $(if $(FRESH),--fresh)

bench: .venv/installed-dev ## Measure pages, API and promises (TICKETS and OPEN=10000: smaller)
	@$(IN) -m tests.bench.workspace --tickets $(TICKETS)
	@$(IN) -m tests.bench.promises --open $(OPEN)

lock: .venv/installed-dev ## Lock the dependencies anew, with hashes
	@.venv/bin/$(LOCK) --upgrade requirements.in -o requirements.txt
	@.venv/bin/$(LOCK) --upgrade requirements-dev.in -o requirements-dev.txt

messages: .venv/installed-dev ## Collect and compile the translations
	@$(IN) manage.py makemessages --all --no-obsolete --no-location -e html,jinja,py,txt --ignore .venv --ignore tests
	@$(IN) manage.py compilemessages --ignore .venv

.venv/installed: requirements.txt
	@test -n "$(PYTHON)" || { echo "The helpdesk needs Python 3.11 or newer: install it, or name it with make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "$(PYTHON) is not Python 3.11 or newer: name a newer one with make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing: install it (Debian and Ubuntu: apt install python3-venv) and try again."; exit 1; }
	@echo "Installing what the helpdesk needs into .venv (once) …"
	@$(PYTHON) -m venv .venv
	@$(IN) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what the tests need into .venv (once) …"
	@$(IN) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
