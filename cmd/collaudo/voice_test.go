package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
)

// failing is a short run that breaks one rule.
func failing(more ...string) []string {
	return append([]string{"run", "--rule", "PEC-ACC-003", "--tags", "@id:complete-transaction", "--fault", "acceptance-subject-prefix"}, more...)
}

// With --json there is one document on standard output, octet for octet the
// run's own, and all else is on standard error.
func TestARunForAProgram(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "run")
	a := collaudo(t, failing("--json", "--out", out)...)
	kept, err := os.ReadFile(filepath.Join(out, reports.ResultFile))
	if err != nil {
		t.Fatal(err)
	}
	if a.code != conformance.ExitNotConformant || a.out != string(kept) || !json.Valid(kept) {
		t.Errorf("code %d; standard output is not run.json: %.200q", a.code, a.out)
	}
	for _, want := range []string{"1 scenario against", "NOT CONFORMANT", "PEC-ACC-003", "Report: " + out} {
		if !strings.Contains(a.err, want) {
			t.Errorf("standard error does not say %q:\n%s", want, a.err)
		}
	}
	if a = collaudo(t, failing("--json", "--quiet")...); a.err != "" || !json.Valid([]byte(a.out)) {
		t.Errorf("quiet, standard error says %q", a.err)
	}
	if a = collaudo(t, failing("--json", "--format", "github")...); a.code != conformance.ExitUsage || a.out != "" {
		t.Errorf("two forms at once: code %d, %q", a.code, a.out)
	}
	if a = collaudo(t, "run", "--json", "--rule", "PEC-ZZ-001"); a.code != conformance.ExitUsage || a.out != "" {
		t.Errorf("trouble: code %d, and on standard output %q", a.code, a.out)
	}
}

// What a baseline makes of a run stands beside the result: standard error says where,
// even when it is to say nothing else.
func TestAGateForAProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	known, out := filepath.Join(dir, "known.yaml"), filepath.Join(dir, "run")
	write(t, known, []byte("version: 1\nfailures: []\n"))
	a := collaudo(t, failing("--json", "--quiet", "--baseline", known, "--out", out)...)
	if a.code != conformance.ExitNotConformant || !json.Valid([]byte(a.out)) {
		t.Errorf("code %d, standard output %.200q", a.code, a.out)
	}
	if want := "gate: exit code 1, not enough: " + filepath.Join(out, reports.GateFile) + "\n"; a.err != want {
		t.Errorf("standard error says %q, want %q", a.err, want)
	}
	if g, err := reports.ReadGate(out); err != nil || g == nil || g.Code != a.code {
		t.Errorf("the gate that is named: %+v, %v", g, err)
	}
}

// A program that asked for JSON is told in JSON that a folder cannot be verified.
func TestVerifyForAProgramAlwaysSaysJSON(t *testing.T) {
	t.Parallel()
	run, a := runOf(t, failing("--quiet")...)
	if a.code != conformance.ExitNotConformant {
		t.Fatalf("code %d: %s%s", a.code, a.out, a.err)
	}
	other := copied(t, run)
	var all []string
	if err := fs.WalkDir(os.DirFS(other), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all = append(all, name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := evidence.Seal(other, evidence.Judged{Version: "v0.1", Catalogue: strings.Repeat("0", 64)}, all); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		arguments []string
		says      string
	}{
		"no run folder":    {[]string{t.TempDir()}, "is no run folder"},
		"other rules":      {[]string{other}, "report rejudge"},
		"nobody to trust":  {[]string{other, "--trust", ""}, "--trust was given and is empty"},
		"no such CA there": {[]string{other, "--trust", filepath.Join(other, "ca.pem")}, "there is no such file"},
	} {
		a := collaudo(t, append([]string{"report", "verify", "--json"}, test.arguments...)...)
		var said unverified
		if err := json.Unmarshal([]byte(a.out), &said); err != nil {
			t.Errorf("%s: %v: %q", name, err, a.out)
		}
		if a.code != conformance.ExitUsage || said.ExitCode != a.code || said.Schema != verifiedSchema || !strings.Contains(said.Error, test.says) || !strings.Contains(a.err, test.says) {
			t.Errorf("%s: code %d, %+v, standard error %q; want 2 and %q", name, a.code, said, a.err, test.says)
		}
	}
}

// --quiet says the verdict, what fails and where the report is.
func TestAQuietRun(t *testing.T) {
	t.Parallel()
	here, a := runOf(t, failing("--quiet")...)
	if a.code != conformance.ExitNotConformant || a.err != "" {
		t.Errorf("code %d, standard error %q", a.code, a.err)
	}
	for _, want := range []string{"NOT CONFORMANT", "PEC-ACC-003", "expected", "seen", "where", "source    RFC 6109 3.1.4", "matters", "next", "Report: " + filepath.Join(here, reports.HTMLFile)} {
		if !strings.Contains(a.out, want) {
			t.Errorf("it does not say %q:\n%s", want, a.out)
		}
	}
	for _, never := range []string{"played", "judging", "Scenarios:", "Evidence:", "Next:"} {
		if strings.Contains(a.out, never) {
			t.Errorf("it says %q:\n%s", never, a.out)
		}
	}
	a = collaudo(t, "run", "--rule", "PEC-ACC-003", "--tags", "@id:complete-transaction", "-q")
	if lines := strings.Split(strings.TrimSpace(a.out), "\n"); a.code != 0 || len(lines) > 3 || !strings.HasPrefix(lines[0], "CONFORMANT") {
		t.Errorf("code %d, where nothing fails it says:\n%s", a.code, a.out)
	}
}

// What --json prints is one document that names its form.
func TestDocumentsForPrograms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		arguments, schema string
		holds             string // a member that must hold something
	}{
		{"rules list --json", rulesSchema, "rules"},
		{"rules list --json --family te", rulesSchema, "rules"},
		{"rules explain ap-005 --json", ruleSchema, "mutants"},
		{"mutants --list --json", faultsSchema, "faults"},
		{"run --dry-run --rule PEC-AP-005 --json", planSchema, "scenarios"},
	} {
		var out, trouble strings.Builder
		code := execute(t.Context(), strings.Fields(test.arguments), &out, &trouble)
		var document map[string]any
		if err := json.Unmarshal([]byte(out.String()), &document); err != nil || code != 0 || trouble.Len() > 0 {
			t.Errorf("%s: code %d, %v, %s", test.arguments, code, err, trouble.String())
			continue
		}
		if list, is := document[test.holds].([]any); document["schema"] != test.schema || !is || len(list) == 0 {
			t.Errorf("%s: schema %v, want %s, and %s that hold something: %.300s", test.arguments, document["schema"], test.schema, test.holds, out.String())
		}
	}
	var out, trouble strings.Builder
	if code := execute(t.Context(), []string{"rules", "list", "--json", "--family", "ZZ"}, &out, &trouble); code != conformance.ExitUsage || out.Len() > 0 {
		t.Errorf("a family that is not there: code %d, %q", code, out.String())
	}
}

// Coverage and the kill matrix too; they take a run of their own.
func TestDocumentsOfRuns(t *testing.T) {
	t.Parallel()
	run, a := runOf(t, "run", "--rule", "PEC-AP-005", "-q")
	if a.code != 0 {
		t.Fatalf("%s%s", a.out, a.err)
	}
	var coverage struct {
		Schema string
		Rules  int
		Total  map[string]int
	}
	a = collaudo(t, "rules", "coverage", run, "--json")
	if err := json.Unmarshal([]byte(a.out), &coverage); err != nil || coverage.Schema != coverageSchema || coverage.Total["judged"] != 1 || coverage.Rules < 400 {
		t.Errorf("code %d, %v, %+v: %s", a.code, err, coverage, a.err)
	}
	var matrix struct {
		Schema string
		Kills  []reports.Kill
	}
	a = collaudo(t, "mutants", "--only", "acceptance-subject-prefix", "--json")
	if err := json.Unmarshal([]byte(a.out), &matrix); err != nil || a.code != 0 || len(matrix.Kills) != 1 || !matrix.Kills[0].Killed || !strings.Contains(a.err, "killed") {
		t.Errorf("code %d, %v, %+v: %s", a.code, err, matrix, a.err)
	}
}
