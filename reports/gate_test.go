package reports

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/rules"
)

// sampleGate knows of one of the sample's failures.
func sampleGate() *Gate {
	return &Gate{
		Schema: GateSchema, Baseline: "ci/known.yaml", SHA256: "00", Day: "2026-03-02", Standing: GateNotEnough, Code: 1, Reason: "as the sample has it",
		Entries: []KnownFailure{
			{CheckRef: CheckRef{"PEC-AP-012/e1", "hidden-recipient"}, Owner: "mail team", Reason: "mended in 4.2", Issue: "https://tracker.example/7", Expires: "2026-12-31", Line: 4, Standing: KnownFails, Fails: true},
			{CheckRef: CheckRef{"PEC-TE-001/judge", "complete-exchange"}, Owner: "mail team", Reason: "\x1b[31mred", Expires: "2026-12-31", Line: 10, Standing: KnownStale},
			{CheckRef: CheckRef{"PEC-AP-005/judge", "harness-trouble"}, Owner: "mail team", Reason: "old", Expires: "2026-01-31", Line: 16, Standing: KnownExpired},
			{CheckRef: CheckRef{"PEC-AP-005/judge", "no-from"}, Owner: "mail team", Reason: "not played", Expires: "2026-12-31", Line: 22, Standing: KnownNotLooked},
			{CheckRef: CheckRef{"PEC-AP-013/judge", "no-from"}, Owner: "mail team", Reason: "another", Expires: "2026-12-31", Line: 28, Standing: KnownOtherwise, Fails: true, Seen: []string{"0123456789ab"}, Unlike: []string{"ba9876543210"}},
		},
		Unknown: []CheckRef{{"PEC-AP-013/judge", "hidden-recipient"}},
	}
}

func TestKnown(t *testing.T) {
	t.Parallel()
	var nobody *Gate
	result := sampleResult()
	broken := result.Rules[3]
	if nobody.Known(broken.Checks[0]) != nil || nobody.KnowsRule(&broken) {
		t.Error("a run without a baseline has known failures")
	}
	g := sampleGate()
	if e := g.Known(broken.Checks[0]); e == nil || e.Line != 4 || !g.KnowsRule(&broken) {
		t.Errorf("the failure of the sample is not known: %+v", e)
	}
	other := sampleGate()
	other.Entries[0].Standing = KnownOtherwise
	if e := other.Known(broken.Checks[0]); e != nil {
		t.Errorf("a failure that is seen otherwise than it is known counts as known: %+v", e)
	}
	for name, change := range map[string]func(*rules.RuleResult, *Gate){
		"another scenario":      func(r *rules.RuleResult, _ *Gate) { r.Checks[1].Scenario = "no-from" },
		"another judge":         func(r *rules.RuleResult, _ *Gate) { r.Checks[1].By = "judge" },
		"something open beside": func(r *rules.RuleResult, _ *Gate) { r.Checks[1].Verdict = rules.Inconclusive },
		"a place not seen":      func(r *rules.RuleResult, _ *Gate) { r.Unseen = "the provider's log" },
		"an entry that expired": func(_ *rules.RuleResult, g *Gate) { g.Entries[0].Standing = KnownExpired },
		"it is seen otherwise":  func(_ *rules.RuleResult, g *Gate) { g.Entries[0].Standing = KnownOtherwise },
		"no failure at all":     func(r *rules.RuleResult, _ *Gate) { r.Verdict = rules.Pass },
	} {
		r, g := sampleResult().Rules[3], sampleGate()
		change(&r, g)
		if g.KnowsRule(&r) {
			t.Errorf("%s: the rule counts as known", name)
		}
	}
}

// A known failure is named in every format, and is a failure in every one.
func TestGateInEveryFormat(t *testing.T) {
	t.Parallel()
	result, catalogue, g := sampleResult(), loadCatalogue(t), sampleGate()
	var terminal, github bytes.Buffer
	if err := Summary(&terminal, result, SummaryOptions{Width: 200, Gate: g}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"NOT CONFORMANT", "Baseline known.yaml: exit code 1", "expired", "fails no more", "mail team, until 2026-12-31: mended in 4.2", "not known", "PEC-AP-013/judge in hidden-recipient", "says nothing", "seen otherwise", "add ba9876543210 to"} {
		if !strings.Contains(terminal.String(), want) {
			t.Errorf("the summary does not say %q:\n%s", want, terminal.String())
		}
	}
	if strings.Contains(terminal.String(), "\x1b") {
		t.Error("the terminal obeys a baseline")
	}
	if err := GitHubAnnotations(&github, result, g); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"::error title=Collaudo%3A NOT CONFORMANT", "::notice title=Baseline%3A exit code 1", "::notice title=PEC-AP-012 fail%2C known"} {
		if !strings.Contains(github.String(), want) {
			t.Errorf("GitHub is not told %q:\n%s", want, github.String())
		}
	}
	with, err := renderJUnit(result, catalogue, sampleStory(t), g)
	if err != nil {
		t.Fatal(err)
	}
	without, err := renderJUnit(result, catalogue, sampleStory(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(with, []byte("<failure")); n == 0 || n != bytes.Count(without, []byte("<failure")) {
		t.Errorf("JUnit has %d failures with the baseline and %d without", n, bytes.Count(without, []byte("<failure")))
	}
	for _, want := range []string{`name="known-issue" value="hidden-recipient PEC-AP-012/e1: mail team`, `name="exit-code" value="1"`} {
		if !bytes.Contains(with, []byte(want)) {
			t.Errorf("JUnit does not hold %q:\n%s", want, with)
		}
	}
	g.Standing, g.Code = GateCovered, 0
	github.Reset()
	if err := GitHubAnnotations(&github, result, g); err != nil || !strings.Contains(github.String(), "::notice title=Collaudo%3A NOT CONFORMANT") {
		t.Errorf("a run whose failures are all known: %v\n%s", err, github.String())
	}
}

// What stands beside the result is read back as it was written; what this version
// does not know is refused, and what an earlier report left is taken away.
func TestBeside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	compared := Compare(before(t), changed(t), "out/march", "out/april")
	if err := writeBeside(dir, WriteOptions{Gate: sampleGate(), Compared: compared}); err != nil {
		t.Fatal(err)
	}
	gate, err := ReadGate(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadComparison(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleGate(), gate) + cmp.Diff(compared, again); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	for _, text := range []string{"{}", `{"schema":"collaudo/gate/2"}`, `{"schema":"collaudo/gate/1","colour":"red"}`, "x"} {
		if err := os.WriteFile(filepath.Join(dir, GateFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if g, err := ReadGate(dir); err == nil {
			t.Errorf("%s is read as %+v", text, g)
		}
	}
	if err := writeBeside(dir, WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if g, err := ReadGate(dir); g != nil || err != nil {
		t.Errorf("the gate of an earlier report stays: %+v, %v", g, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
