# The suite's workbench. `make help` lists the targets.

GO     ?= go
BIN    := bin
FUZZTIME ?= 10s

# Checkers are run at one version each and stand in no go.mod: they are not part of the suite.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
DEADCODE    := golang.org/x/tools/cmd/deadcode@v0.52.0

.PHONY: build test race check lint cover fuzz run_example run_all bench bench-accuracy bench-peers bench-scale \
	compare compare-live validate-sim fit-sim figures engines test-engines compat test-compat clean help

build: ## build every tool into bin/
	$(GO) build -trimpath -ldflags='-s -w' -o $(BIN)/ ./tools/... # without symbols for a debugger: built in half the time

# A package more than there are processors: many tests wait.
AT_ONCE = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# The packages in which the code or a test starts a goroutine. In the others the race
# detector has nothing to find, and takes up to ten times as long.
CONCURRENT := $(shell grep -rlE '^\s*go (func|[a-zA-Z.]+\(.*\)$$)|\.(Parallel|Go|AfterFunc)\b|httptest\.' --include='*.go' tools | xargs -n1 dirname | sort -u)
ALONE := $(filter-out $(CONCURRENT),$(shell find tools docs -name '*_test.go' | xargs -n1 dirname | sort -u))
# Tests of these that begin with //go:build !race stay on one goroutine for seconds.
PARTLY_ALONE := tools/simulator/validate-sim tools/find-capacity

test: build ## all tests, with the race detector where goroutines are; needs no network beyond the module download
	TOOLS_BIN=$(CURDIR)/$(BIN) GORACE=atexit_sleep_ms=0 $(GO) test -race -vet=off -p $(AT_ONCE) $(CONCURRENT:%=./%) # else each process, tools run by tests too, sleeps a second at its end
	TOOLS_BIN=$(CURDIR)/$(BIN) GOGC=400 $(GO) test -vet=off -p $(AT_ONCE) $(ALONE:%=./%) $(PARTLY_ALONE:%=./%)

race: ## the race detector in all other packages, too
	$(GO) test -race -vet=off -p $(AT_ONCE) $(ALONE:%=./%)

check: test race lint ## test, race and lint

lint: ## find unformatted, untidy, dead or suspicious code, and what other systems cannot build
	@test -z "$$(gofmt -l tools)" || { gofmt -l tools; echo 'gofmt the files above'; exit 1; }
	$(GO) mod tidy -diff
	$(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	GOOS=freebsd $(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	@dead="$$($(GO) run $(DEADCODE) -test ./...)" && test -z "$$dead" || { echo "$$dead"; echo 'delete what nothing calls'; exit 1; }

cover: ## print the test coverage of each package; fails below 85 % over all or 70 % of a package
	bash scripts/cover.sh

fuzz: ## run every fuzz test for FUZZTIME
	bash scripts/fuzz.sh $(FUZZTIME)

run_example: ## run the A6000 flow, simulated without a GPU
	bash run_example.sh

run_all: ## measure every model and backend; set BACKENDS, MODELS, CHECKPOINTS (random weights)
	bash run_all.sh

compare: build ## measure the published A6000 points and print the differences
	bash scripts/compare_published.sh

compare-live: build ## compare the same loads with the model in one process; SPEED=20 in real time
	bash scripts/compare_live.sh

validate-sim: build ## compare the model with every published point, in virtual time
	$(BIN)/validate-sim

fit-sim: build ## fit the model's constants again; takes minutes
	$(BIN)/validate-sim fit

figures: build ## draw every published panel with the model's points
	bash scripts/published_figures.sh

bench: ## run the benchmarks of all packages
	$(GO) test -run '^$$' -bench . -benchtime 1s ./...

bench-accuracy: build ## measure the errors of loadgen's figures
	bash scripts/bench/accuracy.sh

bench-peers: build ## the same for other clients, installed into .engines/
	bash scripts/bench/peers.sh

bench-scale: build ## measure how many tokens per second one loadgen reads on 1, 2, 4, ... processors
	bash scripts/bench/scale.sh

engines: ## install real engines into .engines/ (ENGINES="llamacpp vllm fastgen transformers")
	bash scripts/engines/install.sh $(ENGINES)

test-engines: build ## test the pipeline with each installed engine
	bash scripts/engines/test.sh $(ENGINES)

compat: ## install third-party programs into .engines/ (PROGRAMS="litellm guidellm-mock vllm-rs vllm-plot openai-sdk ollama-middleware")
	bash scripts/compat/install.sh $(PROGRAMS)

test-compat: build ## test the suite with each of them that is installed
	bash scripts/compat/test.sh $(PROGRAMS)

clean: ## remove build outputs; results and plots stay
	rm -rf $(BIN)

help: ## print this list
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' Makefile
