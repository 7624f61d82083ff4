package reports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/rules"
)

func TestReadReturnsWhatWasWritten(t *testing.T) {
	t.Parallel()
	dir := sampleRun(t)
	want := sampleResult()
	if err := Write(dir, want, loadCatalogue(t)); err != nil {
		t.Fatal(err)
	}
	got, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-written +read):\n%s", diff)
	}
}

func TestRunJSON(t *testing.T) {
	t.Parallel()
	octets, err := encodeResult(sampleResult())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "run.json", octets)
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	sound, err := encodeResult(sampleResult())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, old, new string
		want           string
	}{
		{"another schema", `"collaudo/run/1"`, `"collaudo/run/9"`, `expected "collaudo/run/1"`},
		{"no schema", `"schema": "collaudo/run/1",`, ``, `its schema is ""`},
		{"no JSON", `{`, ``, "run.json"},
		{"no verdict", `"verdict": "NOT CONFORMANT"`, `"verdict": ""`, "holds no verdict"},
		{"another scope", `"scope": "subset"`, `"scope": "full"`, "altered"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			altered := strings.Replace(string(sound), test.old, test.new, 1)
			if altered == string(sound) {
				t.Fatalf("%q does not occur in run.json", test.old)
			}
			if err := os.WriteFile(filepath.Join(dir, ResultFile), []byte(altered), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Read = %v, want an error with %q", err, test.want)
			}
		})
	}
	if _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is no finished run") {
		t.Errorf("Read of an empty folder = %v", err)
	}
}

func TestWriteMakesEveryFile(t *testing.T) {
	t.Parallel()
	dir := sampleRun(t)
	if err := Write(dir, sampleResult(), loadCatalogue(t)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ResultFile, HTMLFile, JUnitFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{AuthorityFile: "the CA", RevokedFile: "the CRL", DirectoryFile: "dn: o=postacert\n"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != want {
			t.Errorf("%s = %q, %v, want %q", name, got, err, want)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.partial"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWriteFailsAloud(t *testing.T) {
	t.Parallel()
	if err := Write(t.TempDir(), sampleResult(), loadCatalogue(t)); err == nil {
		t.Error("Write made a report of a folder without evidence")
	}
	dir := sampleRun(t)
	if err := os.Mkdir(filepath.Join(dir, ResultFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, sampleResult(), loadCatalogue(t)); err == nil {
		t.Error("Write said nothing of a result that it could not write")
	}
}

func TestStandings(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	found := byRule(sampleResult())
	for id, want := range map[string]string{
		"PEC-GEN-006": "warn", "PEC-SIG-010": "excluded", "PEC-AP-005": "error", "PEC-AP-012": "fail", "PEC-AP-037": "observed",
		"PEC-TE-001": "pass", "PEC-TE-013": "not exercised", "PEC-LOG-001": "inconclusive", "PEC-TMO-001": "not judged yet",
		"PEC-TE-002": "not asked for",
	} {
		law, _ := catalogue.Rule(id)
		if got := standingOf(law, found[id]).Label; got != want {
			t.Errorf("%s stands %q, want %q", id, got, want)
		}
	}
	counts := tally(sampleResult(), catalogue)
	total := 0
	for _, s := range standings() {
		total += counts[s.Key]
	}
	if total != len(catalogue.Rules) {
		t.Errorf("the standings count %d rules, the catalogue holds %d", total, len(catalogue.Rules))
	}
}

// A verdict always says what to do, even one that does not fit its result.
func TestNextSteps(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	for _, outcome := range []rules.Outcome{
		rules.Conformant, rules.ConformantWithWarnings, rules.NotConformant, rules.Inconclusives, rules.Invalid, rules.Interrupted, "NEW",
	} {
		for _, result := range []*rules.Result{sampleResult(), {Profile: rules.Practice}} {
			result.Verdict = outcome
			if steps := nextSteps(result, catalogue); len(steps) == 0 {
				t.Errorf("%s: nothing to do", outcome)
			}
		}
	}
}
