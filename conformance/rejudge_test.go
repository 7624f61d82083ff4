package conformance

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// contents are the files of a folder by path.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		octets, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[rel] = string(octets)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func rejudge(t *testing.T, run string, o RejudgeOptions) (*Rejudged, error) {
	t.Helper()
	o.Run, o.Version, o.Now = run, "test", time.Now
	return Rejudge(t.Context(), o)
}

// TestRejudge judges a run once more: the same by its own profile, more strictly by
// the letter, in a folder that verifies by itself, and with nothing changed in the
// run. What was altered is refused.
func TestRejudge(t *testing.T) {
	t.Parallel()
	report := tryPair(t, Options{Rules: []string{"GEN"}, Tags: "@id:complete-transaction", Personality: "jpec-2026"})
	before := contents(t, report.Dir)
	same, err := rejudge(t, report.Dir, RejudgeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report.Result, same.Result); diff != "" || same.Comparison.GotWorse || len(same.Comparison.Rules) > 0 || same.Dir != "" {
		t.Errorf("judged again by the same rules: %+v\n(-first +again):\n%s", same.Comparison.Rules, diff)
	}
	out := filepath.Join(t.TempDir(), "strict")
	strict, err := rejudge(t, report.Dir, RejudgeOptions{Profile: rules.Strict, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	if strict.Result.Verdict != rules.NotConformant || report.Result.Verdict == rules.NotConformant || !strict.Comparison.GotWorse || strict.ExitCode() != ExitNotConformant {
		t.Errorf("in practice %s, by the letter %s, worse %v: want failures that practice forgives", report.Result.Verdict, strict.Result.Verdict, strict.Comparison.GotWorse)
	}
	if diff := cmp.Diff(before, contents(t, report.Dir)); diff != "" {
		t.Errorf("the run itself was changed (-before +after):\n%s", diff)
	}
	again, err := reports.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strict.Result, again); diff != "" || again.Profile != rules.Strict {
		t.Errorf("profile %s (-judged +written):\n%s", again.Profile, diff)
	}
	verified, err := Verify(t.Context(), out, VerifyOptions{Version: "test", Now: time.Now()})
	if err != nil || verified.Code() != ExitConformant {
		t.Errorf("the new folder does not verify: %v, %+v", err, verified)
	}
	if compared, err := reports.ReadComparison(out); err != nil || compared == nil || compared.After.Profile != rules.Strict {
		t.Errorf("the comparison beside the new report: %+v, %v", compared, err)
	}
	for name, o := range map[string]RejudgeOptions{
		"into the run":         {Out: filepath.Join(report.Dir, "again")},
		"onto the run":         {Out: report.Dir},
		"around the run":       {Out: filepath.Dir(report.Dir)},
		"an unknown profile":   {Profile: "lenient"},
		"a folder with things": {Out: out},
	} {
		if _, err := rejudge(t, report.Dir, o); !errors.Is(err, ErrUsage) {
			t.Errorf("%s: %v, want one of usage", name, err)
		}
	}
	flipByte(t, filepath.Join(report.Dir, evidence.EventsFile))
	if _, err := rejudge(t, report.Dir, RejudgeOptions{}); !errors.Is(err, ErrEvidence) || !strings.Contains(err.Error(), evidence.EventsFile) {
		t.Errorf("altered evidence: %v, want that events.ndjson is named", err)
	}
}

// flipByte changes one byte in the middle of a file.
func flipByte(t *testing.T, path string) {
	t.Helper()
	octets, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	octets[len(octets)/2] ^= 1
	if err := os.WriteFile(path, octets, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRunWithABaseline plays a fault that is known, then judges what is left in the
// folder: the verdict is NOT CONFORMANT, the exit code 0, and a gate that says
// something else than the evidence is found although its hash is right.
func TestRunWithABaseline(t *testing.T) {
	t.Parallel()
	faulty := Options{Rules: []string{"PEC-ACC-003"}, Tags: "@id:complete-transaction", Faults: []string{"acceptance-subject-prefix"}}
	first := tryPair(t, faulty)
	if first.ExitCode() != ExitNotConformant || first.Gate != nil {
		t.Fatalf("without a baseline: exit code %d, gate %+v", first.ExitCode(), first.Gate)
	}
	known := strings.NewReplacer(`owner: ""`, "owner: mail team", `reason: ""`, "reason: known", `expires: ""`, "expires: "+time.Now().AddDate(0, 6, 0).Format(day)).
		Replace(string(NewBaseline(first.Result, mustCatalogue(t))))
	baseline, err := ReadBaseline(writeBaseline(t, known))
	if err != nil {
		t.Fatal(err)
	}
	faulty.Baseline, faulty.Compare = baseline, first.Dir
	second := tryPair(t, faulty)
	if second.Result.Verdict != rules.NotConformant || second.ExitCode() != ExitConformant {
		t.Errorf("with it: %s, exit code %d (%+v); want NOT CONFORMANT and 0", second.Result.Verdict, second.ExitCode(), second.Gate)
	}
	if compared, err := reports.ReadComparison(second.Dir); err != nil || compared == nil || compared.GotWorse || len(compared.Rules) > 0 {
		t.Errorf("compared with the first run: %+v, %v", compared, err)
	}
	clean := tryPair(t, Options{Rules: []string{"PEC-ACC-003"}, Tags: "@id:complete-transaction", Baseline: baseline})
	if clean.Result.Verdict != rules.Conformant || clean.ExitCode() != ExitBaseline {
		t.Errorf("once it is mended: %s, exit code %d; want CONFORMANT and 5", clean.Result.Verdict, clean.ExitCode())
	}
	verify := func() *Verified {
		verified, err := Verify(t.Context(), clean.Dir, VerifyOptions{Version: "test", Now: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		return verified
	}
	if v := verify(); v.Code() != ExitConformant {
		t.Fatalf("the folder does not verify: %+v", v.Findings)
	}
	path := filepath.Join(clean.Dir, reports.GateFile)
	octets, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	green := strings.Replace(string(octets), `"exitCode": 5`, `"exitCode": 0`, 1)
	if err := os.WriteFile(path, []byte(green), 0o644); err != nil {
		t.Fatal(err)
	}
	runCopy{t, clean.Dir}.seal()
	if v := verify(); v.Code() != ExitEvidence || len(v.Findings) != 1 || v.Findings[0].File != reports.GateFile {
		t.Errorf("a gate that was edited and sealed again: code %d, %+v; want 7 at %s", v.Code(), v.Findings, reports.GateFile)
	}
	if _, err := tryKeyed(t.Context(), Options{Profile: rules.Strict, Baseline: baseline, Out: t.TempDir(), Now: time.Now}); !errors.Is(err, ErrUsage) {
		t.Errorf("a baseline of another profile: %v, want one of usage", err)
	}
	if _, err := tryKeyed(t.Context(), Options{Compare: t.TempDir(), Out: t.TempDir(), Now: time.Now}); !errors.Is(err, ErrUsage) {
		t.Errorf("nothing to compare with: %v, want one of usage", err)
	}
	f := watch(t, func(f *fakeTest) {
		play(f, BuiltIn, func(o *Options) {
			o.Rules, o.Tags, o.Faults, o.Baseline, o.keys = faulty.Rules, faulty.Tags, faulty.Faults, baseline, endpointKeys()
		})
	})
	if len(f.failed) > 0 || !strings.Contains(strings.Join(f.logged, "\n"), "known failure, by the baseline") {
		t.Errorf("a vendor's test with the baseline: failed %v, logged %q", f.failed, f.logged)
	}
}
