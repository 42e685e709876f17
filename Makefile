# Every target in a line; `make install` is done by those that need it.
BIN := .venv/bin
.PHONY: install format check test browser evaluate demo benchmark scale soak screenshots seed wheelhouse footprint trial
.DEFAULT_GOAL := demo

.venv/.installed: pyproject.toml constraints.txt .ci/install
	@.ci/install && touch $@

install: .venv/.installed

format: install            ## mend what ruff can mend
	$(BIN)/ruff check --fix .

check: install             ## style and types
	$(BIN)/ruff check . && $(BIN)/mypy

test: check                ## every check and test, a file at a time on each core; CI runs exactly this
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile

browser: install           ## everything in a real Chromium: journeys, access, privacy, hostile documents
	@$(BIN)/pytest -m browser -n auto --maxprocesses 4 --dist loadfile

demo: install              ## seed corpus, snapshot, three questions
	@.ci/demo

evaluate: install          ## quality on the seed corpus, then finding among distractors
	@ROHNAMO_DATA_DIR=.demo $(BIN)/rohnamo ingest corpora/seed >/dev/null && ROHNAMO_DATA_DIR=.demo $(BIN)/rohnamo build --wait >/dev/null
	@ROHNAMO_DATA_DIR=.demo $(BIN)/rohnamo evaluate
	@$(BIN)/python benchmarks/finding.py

benchmark: install         ## speed beside its budgets
	@$(BIN)/python benchmarks/speed.py
	@$(BIN)/python benchmarks/reading.py
	@$(BIN)/python -m benchmarks.verifier
	@$(BIN)/python -m benchmarks.deltas
	@$(BIN)/python benchmarks/generating.py
	@$(BIN)/python -m benchmarks.updating
	@$(BIN)/python -m benchmarks.kiosk
	@$(BIN)/python -m benchmarks.load
	@$(BIN)/python -m benchmarks.notices
	@$(BIN)/python -m benchmarks.fleet
	@$(BIN)/python -m benchmarks.pulling

soak: install              ## long suites: killed at each system call, full and small disks, a fleet, 20 000 questions
	@$(BIN)/python -m pytest -q tests/soak_sync_client.py tests/soak_index_kill.py tests/soak_fleet.py tests/soak_web_load.py tests/soak_api.py
	@$(BIN)/python -m pytest -q -s tests/soak_long_run.py

screenshots: install       ## every screen as a picture, into the folder screenshots
	@$(BIN)/python -m benchmarks.screenshots screenshots
	@$(BIN)/python -m benchmarks.desk_screenshots screenshots/desks

scale: install             ## speed, size and memory at 10 000 and 100 000 passages: about five minutes
	@$(BIN)/python benchmarks/scale.py

seed: install              ## render the documents of the seed from their sources
	$(BIN)/python corpora/seed/make.py
	ROHNAMO_DATA_DIR=.demo $(BIN)/rohnamo ingest corpora/seed

wheelhouse: install        ## a kit for machines without a network: make wheelhouse TO=/media/stick/kit MORE="--debian --release …"
	@$(BIN)/python -m install.wheelhouse --into $(or $(TO),$(error say where: TO=FOLDER)) $(if $(PROFILE),--profile $(PROFILE)) $(MORE)

footprint: install         ## what each dependency weighs
	@$(BIN)/python -m install.weight $(if $(PROFILE),--profile $(PROFILE))

trial: install             ## a kit is gathered, and installed in a bare Debian with the network cut: about ten minutes, as root
	@$(BIN)/python -m pytest -q -s tests/soak_offline_install.py
