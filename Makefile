# Each target does its own set-up: system packages (apt), .venv, pinned Python packages.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin
EXAMPLE ?= $(firstword $(wildcard resources/examples/*70b*.gpuplan) $(wildcard resources/examples/*.gpuplan))
MEASUREMENTS ?=

.PHONY: help setup system run test lint bench shots pictures fit proof package clean

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

setup: system .venv/installed ## system packages, .venv and Python packages

system:
	@packaging/system-packages.sh

.venv/installed: pyproject.toml constraints.txt packaging/venv.sh | system
	@packaging/venv.sh

run: setup ## open the window with an example scenario
	@packaging/run.sh "$(EXAMPLE)"

test: setup lint ## everything that has to hold
	$(BIN)/gpuplanner catalog check
	QT_QPA_PLATFORM=offscreen $(BIN)/python -W error -m pytest -q -n 2 --dist loadfile

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict
	$(BIN)/lint-imports --no-logo

bench: setup ## speed and memory, against their bars
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -q -o addopts= --import-mode=importlib --benchmark-disable-gc tests/bench

shots: setup ## pictures of the window and of the quote into build/shots/
	$(BIN)/python -m tests.shots.make_shots build/shots

pictures: setup ## ten lines of practice in pictures, into docs/pictures/
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/shots/make_pictures.py docs/pictures

proof: setup ## kills, hostile files and a random user, for hours; figures into docs/proof.md
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.proof

fit: .venv/installed ## constants and ranges of the engine, from catalogs/measurements
	$(BIN)/python -m gpuplanner.evidence.fit
	$(BIN)/python -m gpuplanner.evidence.fit_memory
	$(BIN)/python -m gpuplanner.evidence.fit_training
	$(BIN)/python -m gpuplanner.evidence.fit_passes --leave-out model,gpu,source
	$(BIN)/python -m gpuplanner.evidence.fit_training_speed
	GPUPLANNER_HOME=$$(mktemp -d) $(BIN)/gpuplanner validate --summary catalogs/calibration/score.json

package: .venv/installed ## a folder that runs without Python, into dist/
	@packaging/system-packages.sh --bundle
	$(BIN)/python packaging/build.py

clean: ## remove what was made, but .venv
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
