# Collaudo: what a developer does with it. `make help` lists the targets.

.DEFAULT_GOAL := help
GO ?= go
OUT ?= out
FUZZTIME ?= 20s

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## judge the built-in pair of providers; the report goes to out/run-…
	$(GO) run ./cmd/collaudo run

.PHONY: test
test: ## every test, with Go and nothing else
	$(GO) test ./...

.PHONY: race
race: ## the tests under the race detector, shuffled: three times, those that play and render whole worlds once
	$(GO) test -race -shuffle=on -count=3 -timeout 40m $$($(GO) list ./... | grep -v -e /conformance$$ -e /cmd/ -e /reports$$ -e /rules$$)
	$(GO) test -race -shuffle=on -timeout 40m ./conformance ./cmd/... ./reports ./rules

.PHONY: oracle
oracle: ## our readers and the simulated services against openssl, xmllint, ldapsearch and curl
	$(GO) test -tags oracle ./pec/...
	$(GO) test -tags oracle -run Oracle ./cmd/collaudo
	$(GO) test -tags oracle -run Oracle ./simulator ./simulator/journal

.PHONY: signed
signed: ## every message that the simulated providers sign, through openssl and xmllint
	$(GO) test -tags oracle -timeout 20m -run Oracle ./conformance

# Native fuzzing takes one target at a time. A crasher is written to testdata/fuzz
# beside its test, where `go test` runs it again: keep it with the correction.
.PHONY: fuzz
fuzz: ## what reads octets from outside, with invented ones; FUZZTIME=20s for each target
	@set -e; for file in $$(grep -rl --include='*_test.go' '^func Fuzz' pec); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' $$file); do \
			echo "=== $$target in $$file, $(FUZZTIME)"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "./$$(dirname $$file)"; \
		done; \
	done

.PHONY: mutants
mutants: ## every fault and every personality of the simulated providers: the whole kill matrix
	$(GO) run ./cmd/collaudo mutants --sample all --out $(OUT)/mutants

.PHONY: gate
gate: ## few mutants that fail every judge once, and the personalities: what CI asks
	$(GO) run ./cmd/collaudo mutants --sample family --out $(OUT)/gate

.PHONY: clients
clients: ## the sample mail clients, judged: swaks, mbsync, msmtp, fetchmail, python3 and openssl from Debian
	$(GO) test -tags clients -count=1 -timeout 20m -run ClientPrograms ./conformance

.PHONY: real-clients
real-clients: ## swaks, curl, mutt, fetchmail, mbsync and others from Debian against a simulated world (test/clients/packages)
	test/clients/run

.PHONY: kill
kill: ## ten times kill -9 amid 500 submissions: nothing acknowledged is lost, nothing is doubled
	$(GO) test -tags kill -count=1 -timeout 20m -run TestKilledAtAnyMoment ./simulator

.PHONY: recipients
recipients: ## every reserved recipient from a shell, with swaks and curl, against its table
	test/recipients/run

.PHONY: examples
examples: ## the examples in Python and Java against a world of their own
	test/examples/run

.PHONY: start
start: ## how long a world takes to be ready: at the first start and at the second
	test/start/run

.PHONY: twin
twin: ## simulate as a process, judged over the network as a real system: the same verdicts, and a mutant of each family
	test/twin/run

.PHONY: twin-mutants
twin-mutants: ## every mutant that can be seen over the network, each a process of its own
	test/twin/run mutants all

.PHONY: safety
safety: ## a target that its file does not allow gets no packet: counted in a network namespace (unshare, ip)
	test/safety/run

.PHONY: containers
containers: ## the image, and the pair in containers of their own: Docker's engine from Debian (test/containers/packages)
	test/containers/run

.PHONY: parts
parts: ## clamd, slapd, dnsmasq, unbound and Postfix from Debian in place of what is built in (test/parts/packages)
	test/parts/run

.PHONY: shards
shards: ## four shards of a whole run, merged, against one run: the same verdicts
	test/shards/run

.PHONY: vendor
vendor: ## the example module examples/conformance, as a provider's own tests would use this one
	test/conformance-module/run

.PHONY: ci-examples
ci-examples: ## the examples for GitHub, GitLab, Kubernetes and Compose against the published forms
	test/ci-examples/run

.PHONY: formats
formats: ## JUnit, Cucumber messages, EARL, CSV and run.json through readers of others (test/formats/packages, npm)
	test/formats/run

.PHONY: report-browser
report-browser: ## every page of a full run in Chromium, light, dark, narrow and printed, with axe-core; screenshots go to out/report
	test/report/run

.PHONY: terminal
terminal: ## completion in bash, zsh and fish, and the manual through mandoc and man (test/terminal/packages)
	test/terminal/run

.PHONY: evidence
evidence: ## a run folder altered in 100 places, and a run killed at 20 moments: each found, every event there
	test/evidence/run

.PHONY: guards
guards: ## every guard against a green run by accident, taken out: its tests must notice (conformance/fail_open.yaml)
	test/guards/run

.PHONY: release
release: ## binaries for six platforms with checksums and SBOM, in out/release
	cd tools/release && $(GO) run . -root ../.. -out $(abspath $(OUT)/release)

.PHONY: release-check
release-check: ## a release for this machine: it runs, names its commit, and is the same twice
	test/release/run

.PHONY: thunderbird
thunderbird: ## Thunderbird from Debian, without a screen, against a simulated world (test/thunderbird/packages)
	test/thunderbird/run

.PHONY: bench
bench: ## exchanges per second against the signing rate, and the wall time of a full run
	$(GO) test -run '^$$' -bench Exchange -benchtime 3s ./simulator
	@# in a process of its own: what another benchmark left in memory would count
	$(GO) test -run '^$$' -bench Largest -benchtime 5x ./simulator
	$(GO) test -run '^$$' -bench . -benchtime 3s ./conformance

.PHONY: browser
browser: ## the console of a simulated world in Chromium; screenshots go to out/console
	$(GO) test -tags browser -count=1 -run Browser ./cmd/collaudo

.PHONY: fmt
fmt: ## write the files as the linter wants them (gofumpt)
	$(GO) tool -modfile=tools/golangci.mod golangci-lint fmt

.PHONY: lint
lint: ## gofmt, go vet, golangci-lint (built on first use)
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "gofmt would change these files: run make fmt"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags oracle,browser,clients,kill,twin,containers ./...
	$(GO) tool -modfile=tools/golangci.mod golangci-lint run

.PHONY: ci
ci: ## what CI does
	bash .ci/run
