# Two commands do everything: make demo, make test. The rest is for developers.
.DEFAULT_GOAL := help
GO      ?= go
BIN     := bin/lindu
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
export CGO_ENABLED ?= 0

.PHONY: help
help: ## show this
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## build and start the centre with its demo world
	./$(BIN) demo $(ARGS)

.PHONY: build
build: ## build the one static binary, bin/lindu
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/lindu

.PHONY: test
test: ## install what the tests need, then run all of them
	test/env/install
	test/env/with-servers test/env/all

.PHONY: quick
quick: ## run the Go tests that need no browser, against servers started for them
	test/env/with-servers $(GO) test $(or $(PKG),./internal/... ./client/... ./cmd/...)

.PHONY: generate
generate: ## generate templates and the OpenAPI file again
	$(GO) tool templ generate -path internal
	$(GO) run ./cmd/lindu openapi > internal/api/openapi.json

.PHONY: lint
lint: ## formatting and vet
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt would change:"; echo "$$out"; exit 1; }
	$(GO) vet ./...

.PHONY: bench
bench: build ## first figures: orders through the API, on SQLite
	./$(BIN) bench orders --json

.PHONY: measure
measure: build ## print the figures of docs/performance.md (needs ffmpeg and chromium)
	LINDU_TEST_MEASURE=1 LINDU_TEST_BINARY=$(CURDIR)/$(BIN) $(GO) test -count=1 -v -run TestMeasure ./test/e2e
	./$(BIN) bench orders --json

.PHONY: crash
crash: build ## make every fault of docs/reliability.md happen, CYCLES=100 times
	LINDU_TEST_CYCLES=$(or $(CYCLES),100) LINDU_TEST_REQUIRE_FAULTS=1 LINDU_TEST_BINARY=$(CURDIR)/$(BIN) test/env/with-servers $(GO) test -count=1 -v -timeout 3h ./test/crash

.PHONY: crawl
crawl: build ## open every page as every role, both languages and sizes, with axe (needs chromium)
	LINDU_TEST_CRAWL=1 LINDU_TEST_BINARY=$(CURDIR)/$(BIN) $(GO) test -count=1 -v -run TestEveryPageOfEveryRole ./test/e2e

.PHONY: shots
shots: build ## take the screenshots of docs/ again (needs chromium and ffmpeg)
	LINDU_TEST_SHOTS=$(CURDIR)/docs/pictures $(GO) test -count=1 -run TestScreenshots ./test/e2e

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
