package evidencetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

func TestAsSealed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   func(run string) error
		says string
	}{
		"as it was sealed":        {func(string) error { return nil }, ""},
		"altered":                 {func(run string) error { return os.WriteFile(filepath.Join(run, "run.json"), []byte("[]"), 0o644) }, "a test altered run"},
		"a rendering made later":  {func(run string) error { return os.WriteFile(filepath.Join(run, "report.it.html"), nil, 0o644) }, "report.it.html"},
		"its seal was taken away": {evidence.Unseal, "run is not sealed"},
		"a file beside it":        {func(run string) error { return os.WriteFile(run+".txt", nil, 0o644) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			run := filepath.Join(dir, "run")
			if err := os.Mkdir(run, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(run, "run.json"), []byte("{}"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := evidence.Seal(run, evidence.Judged{Version: "test", Catalogue: "c0ffee"}, []string{"run.json"}); err != nil {
				t.Fatal(err)
			}
			if err := test.do(run); err != nil {
				t.Fatal(err)
			}
			err := AsSealed(dir)
			if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
}
