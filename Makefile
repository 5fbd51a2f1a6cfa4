# Plain make and sh. `make help` lists every target.

VERSION  = $$(git describe --tags --always --dirty 2>/dev/null || echo dev)
# nomsgpack takes a codec out of gin that no route speaks. No build stamp from git:
# the version above says it, and the same source then gives the same bytes.
BUILD    = go build -tags nomsgpack -trimpath -buildvcs=false -ldflags="-s -w -X main.version=$(VERSION)"
# The linters come from tools/go.mod and read the program through its own go.mod.
TOOL     = go tool -modfile=tools/go.mod
PLATFORMS = linux/amd64 linux/arm64 windows/amd64 darwin/arm64
CGO      = 0
TESTFLAGS =
# Not watched by the race detector: C turned into Go, which works on memory of its own and
# is called by one goroutine a connection, and the password hash, whose 32 MiB of blocks
# never leave it. Watched, they are half of the time of all tests and find nothing of ours.
BARE = -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=golang.org/x/crypto/argon2=-race=false
# Inputs a target. Told a time (10s) instead, go test now and then calls its own deadline
# a failure of the target.
FUZZTIME = 20000x
# Seconds after which no further fuzz target is started; 0 is no limit.
FUZZBUDGET = 0

.POSIX:
.PHONY: help build demo test race imports wordings tools lint vuln fuzz bench cover release clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' Makefile

build: ## build the static binary ./park
	CGO_ENABLED=0 $(BUILD) -o park .

demo: ## run the demonstration city on http://127.0.0.1:8080
	CGO_ENABLED=0 go run . demo

test: ## run every test: SQLite always, PostgreSQL when PGHOST is set
	CGO_ENABLED=$(CGO) go test $(TESTFLAGS) ./...

race: ## make test under the race detector (needs a C compiler)
	@$(MAKE) test CGO=1 TESTFLAGS="-race $(BARE) -timeout 30m"

imports: ## check which package may import which (never from the test cache)
	CGO_ENABLED=0 go test -count=1 ./internal/archtest

wordings: ## print how many of the permits' wordings in the corpus are read
	@CGO_ENABLED=0 go test -count=1 -v -run '^TestWordings$$' ./internal/rhythm | sed -n 's/.*parse rate: //p'

tools: ## check Dockerfile and docker-compose.yml
	cd tools && CGO_ENABLED=0 go vet ./... && CGO_ENABLED=0 go test -count=1 ./...

lint: ## gofmt, go vet, staticcheck
	@bad=$$(gofmt -l .); if [ -n "$$bad" ]; then echo "gofmt would change:"; echo "$$bad"; exit 1; fi
	CGO_ENABLED=0 go vet ./...
	CGO_ENABLED=0 $(TOOL) staticcheck ./...

vuln: ## look for known vulnerabilities (asks vuln.go.dev, or GOVULNDB=file://…)
	CGO_ENABLED=0 $(TOOL) govulncheck $${GOVULNDB:+-db "$$GOVULNDB"} ./...

# `go test -fuzz` takes one target of one package at a time.
fuzz: ## fuzz every target for FUZZTIME
	@set -e; list=$$(mktemp); trap 'rm -f "$$list"' EXIT; export CGO_ENABLED=0; \
	dirs=$$(find . -name '*_test.go' ! -path './tools/*' -exec grep -l '^func Fuzz' {} + | sed 's|/[^/]*$$||' | sort -u); \
	for dir in $$dirs; do \
	  go test -list '^Fuzz' "$$dir" | awk -v dir="$$dir" '/^Fuzz/ { print dir, $$1 }' >>"$$list"; \
	done; \
	start=$$(date +%s); \
	while read -r dir name; do \
	  if [ $(FUZZBUDGET) -gt 0 ] && [ $$(($$(date +%s) - start)) -ge $(FUZZBUDGET) ]; then \
	    echo "not fuzzed, the budget of $(FUZZBUDGET) s is used up: $$dir $$name"; continue; \
	  fi; \
	  echo "fuzz $$dir $$name"; \
	  go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$dir" </dev/null; \
	done <"$$list"

bench: ## measure the hot operations beside a bare net/http + pgx server
	CGO_ENABLED=0 go run ./bench

cover: ## write dist/cover.html, print the total
	mkdir -p dist
	CGO_ENABLED=0 go test -coverpkg=./... -coverprofile=dist/cover.out ./...
	go tool cover -html=dist/cover.out -o dist/cover.html
	go tool cover -func=dist/cover.out | tail -n 1

release: ## build dist/ for every platform with checksums and module lists
	rm -rf dist/release && mkdir -p dist/release
	@set -e; for p in $(PLATFORMS); do \
	  os=$${p%/*}; arch=$${p#*/}; out=park-$$os-$$arch; \
	  if [ "$$os" = windows ]; then out=$$out.exe; fi; \
	  echo "$$out"; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(BUILD) -o "dist/release/$$out" .; \
	  (cd dist/release && go version -m "$$out" >"$$out.modules.txt"); \
	done
	cd dist/release && if command -v sha256sum >/dev/null; then sha256sum park-*; else shasum -a 256 park-*; fi >SHA256SUMS
	@cat dist/release/SHA256SUMS

clean: ## remove what the targets above made (data/ stays)
	rm -rf dist park
