package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/reports"
)

// TestAComparisonNamesTheOtherRunAndNoPath judges a run again: what the new folder
// keeps of the comparison says which run it was, nothing of this machine, and
// nothing else of its own run than that run's verdicts.
func TestAComparisonNamesTheOtherRunAndNoPath(t *testing.T) {
	t.Parallel()
	report := shown(t, smallRun)
	out := filepath.Join(t.TempDir(), "again")
	if _, err := rejudge(t, report.Dir, RejudgeOptions{Out: out}); err != nil {
		t.Fatal(err)
	}
	first, again := runCopy{t, report.Dir}, runCopy{t, out}
	for name, text := range contents(t, out) {
		if strings.Contains(text, report.Dir) || strings.Contains(text, out) {
			t.Errorf("%s holds a path of the machine", name)
		}
	}
	compared, err := reports.ReadComparison(out)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(first.read("manifest.json")))
	was := compared.Before
	if was.Manifest != hex.EncodeToString(sum[:]) || was.Began.IsZero() || was.Seed != report.Result.Run.Seed || was.Target != report.Result.Run.Target {
		t.Errorf("the other run is %+v: expected its target, seed, start and the hash of its manifest", was)
	}
	if page := again.read(reports.HTMLFile); !strings.Contains(page, was.Manifest[:12]) {
		t.Error("report.html does not say with which run it was compared")
	}
	v, err := again.verify()
	if err != nil || v.Code() != ExitConformant || !strings.Contains(strings.Join(v.Notes, "\n"), "compared.json speaks of another run ("+was.Name()+"): what it says of that one is hashed, and was not recomputed") {
		t.Errorf("%v, findings %v, notes %q", err, v.Findings, v.Notes)
	}
	whole := again.read(reports.ComparedFile)
	for _, field := range [][3]string{{"verdict", "CONFORMANT", "INVALID"}, {"scope", "subset", "full"}, {"profile", "practice", "strict"}, {"target", was.Target, "another"}} {
		again.write(reports.ComparedFile, strings.ReplaceAll(whole, fmt.Sprintf("%q: %q", field[0], field[1]), fmt.Sprintf("%q: %q", field[0], field[2])))
		again.seal()
		v, err = again.verify()
		want := fmt.Sprintf("says %q as the %s of this run, and it is %q", field[2], field[0], field[1])
		if err != nil || v.Code() != ExitEvidence || v.Findings[0].File != reports.ComparedFile || v.Findings[0].What != want {
			t.Errorf("its own %s edited there, sealed anew: %v, %+v, want %q", field[0], err, v, want)
		}
	}
}
