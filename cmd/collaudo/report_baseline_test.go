package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/conformance"
)

// What is left to do is said, and nothing is where nothing failed.
func TestBaselineSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		run  []string
		says string
	}{
		"a run that failed":     {failing("--quiet"), "fill in owner"},
		"a run without failure": {[]string{"run", "--rule", "PEC-AP-005", "-q"}, "nothing failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, _ := runOf(t, test.run...)
			a := collaudo(t, "report", "baseline", run, "--out", filepath.Join(t.TempDir(), "known.yaml"))
			if a.code != conformance.ExitConformant || !strings.Contains(a.out, test.says) {
				t.Errorf("exit code %d, want 0 and %q:\n%s%s", a.code, test.says, a.out, a.err)
			}
		})
	}
}
