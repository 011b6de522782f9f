# make demo runs the main job, make test passes the tests; each sets up what it
# needs on a machine that has Go, git, make and, on Debian, root's apt-get.

GO ?= go
# What the tests use besides Go: a browser for the sign-in pages, xmllint for
# the schema, and for Kerberos and NTLM a KDC and other people's libraries, to
# judge what we send.
PACKAGES = chromium libxml2-utils ca-certificates \
	krb5-kdc krb5-admin-server krb5-user gss-ntlmssp python3-gssapi curl

.PHONY: demo build test race lint generate cross fuzz bench interop deps

demo:
	$(GO) run ./cmd/exconn demo

build:
	$(GO) build -o bin/exconn ./cmd/exconn

test: deps
	$(GO) test -timeout 20m ./...

race: deps
	$(GO) test -race -timeout 40m ./...

# deps installs what is missing where apt-get is there and may be used, and says
# what is missing where it is not.
deps:
	@sh scripts/deps $(PACKAGES)

generate:
	$(GO) generate ./...

# lint checks what a reader should not have to: format, vet, staticcheck, the
# generated code and what is in go.mod.
lint: generate
	@test -z "$$(git ls-files '*.go' | xargs gofmt -l)" || { echo 'gofmt would change:'; git ls-files '*.go' | xargs gofmt -l; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) mod tidy -diff
	git diff --exit-code

cross:
	GOOS=windows $(GO) build ./...
	GOOS=darwin $(GO) build ./...

# fuzz runs every fuzz target for FUZZTIME.
FUZZTIME ?= 2m
fuzz:
	@set -e; $(GO) list ./... | while read -r package; do \
	  $(GO) test -list '^Fuzz' "$$package" | { grep '^Fuzz' || true; } | while read -r target; do \
	    echo "$$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null || exit 1; \
	  done || exit 1; \
	done

# bench measures against peers, in Debian's versions, and fails where something
# has become slower than bench/goals.go allows. BENCH takes flags, such as
# BENCH='-only decode -rounds 9'.
BENCH_PACKAGES = gcc libc6-dev libxml2-dev libexpat1-dev python3-exchangelib curl
BENCH ?=
bench:
	@sh scripts/deps $(BENCH_PACKAGES)
	@mkdir -p bin/bench
	$(CC) -O2 -o bin/bench/libxml2 bench/c/libxml2.c $$(xml2-config --cflags --libs)
	$(CC) -O2 -o bin/bench/expat bench/c/expat.c -lexpat
	$(GO) build -o bin/bench/ ./bench ./bench/client
	bin/bench/bench $(BENCH)

# interop lets clients that other people wrote judge the simulator; INTEROP names
# some of them. interop/README.md says how to point them at a real server.
INTEROP_PACKAGES = python3-exchangelib davmail default-jre-headless npm
INTEROP ?= exchangelib ews-javascript-api davmail
interop:
	@sh scripts/deps $(INTEROP_PACKAGES)
	@[ interop/javascript/node_modules/.package-lock.json -nt interop/javascript/package-lock.json ] || npm ci --prefix interop/javascript --silent
	$(GO) build -o bin/interop ./interop
	@set -e; for client in $(INTEROP); do echo "== $$client"; bin/interop "$$client"; done
