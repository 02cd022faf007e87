# The one menu. `make help` lists it. What is made lies under target/<name>/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Random cases of each property in `make test-bad-input`.
CASES ?= 20000
# Worlds in `make sim` and `make proof`.
SEEDS ?= 1000
# Faults and people of `make chaos`.
FAULTS ?= 200
VISITORS ?= 500
# How long `make fuzz` searches each target. Bash counts in a variable of the same name, so it is handed on as another.
SECONDS ?= 60

WEB_SOURCES := $(shell find widget-js -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.PHONY: help
help: ## Show this menu
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

.PHONY: run
run: web ## Start a gateway with a demo site and print its three links
	cargo run --package gateway --bin halloo -- serve --demo

.PHONY: build
build: web ## Build the binary to run: target/release/halloo
	cargo build --release --package gateway --bin halloo

.PHONY: check
check: ## Format, lints and tidy rules; needs neither Node nor servers
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --no-default-features --features protocol/schema -- --deny warnings
	cargo test --quiet --package tidy

.PHONY: test
test: ## All tests, tier by tier, with a table at the end
	scripts/test

.PHONY: test-bad-input
test-bad-input: web ## Bad input against the real gateway, and the decoder against CASES random frames and texts
	PROPTEST_CASES=$(CASES) cargo test --quiet --package protocol --all-features --test schema
	cargo test --quiet --workspace --all-features bad_input

.PHONY: pictures
pictures: web ## Every state of panel and console, light, dark and narrow, in target/pictures/
	cargo build --package gateway --bin halloo
	npm --prefix tests/browser run --silent pictures

.PHONY: mutants
mutants: web ## Plant deliberate bugs, one at a time: each must be caught (MUTANTS='03 07' takes just those)
	scripts/mutants $(MUTANTS)

.PHONY: sim
sim: ## Run SEEDS worlds of the simulator; one world's story: cargo run -p sim -- --seed K --trace
	cargo run --quiet --package sim -- --seeds $(SEEDS)

.PHONY: chaos
chaos: web ## Three nodes, VISITORS people who talk, and FAULTS faults one after another; figures in target/chaos/
	cargo build --release --package gateway --bin halloo
	HALLOO_BIN=$(CURDIR)/target/release/halloo cargo run --quiet --package chaos -- \
		--previous "$$(scripts/previous)" --faults $(FAULTS) --visitors $(VISITORS)

.PHONY: fuzz
fuzz: ## Search each target for SECONDS, guided by coverage (FUZZ='frame token' takes just those); needs a C++ compiler
	SECONDS_EACH=$(SECONDS) scripts/fuzz $(FUZZ)

.PHONY: proof
proof: web ## Run what shows that no message is lost, and write it on one page: target/proof/index.html
	SEEDS=$(SEEDS) node tests/proof/run.mjs

.PHONY: fmt
fmt: ## Format everything, and write the generated pages of the wire
	cargo fmt --all
	cargo run --quiet --package protocol --features schema --example generate
	if [ -d widget-js/node_modules ]; then npm --prefix widget-js run fmt; fi

.PHONY: web
web: widget-js/dist/.built ## Build the loader, the panel and the console

widget-js/dist/.built: widget-js/node_modules/.package-lock.json $(WEB_SOURCES)
	npm --prefix widget-js run build
	touch $@

widget-js/node_modules/.package-lock.json: widget-js/package-lock.json
	npm --prefix widget-js ci --no-audit --no-fund
	touch $@

.PHONY: clean
clean: ## Remove everything that was built
	cargo clean
	rm -rf target widget-js/dist widget-js/node_modules tests/browser/node_modules
