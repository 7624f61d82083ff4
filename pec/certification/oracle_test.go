//go:build oracle

package certification

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCorpusAgainstXmllint asks xmllint, with our own writing of the DTD, about
// the same corpus. It must refuse what this package refuses, but for the
// differences that the corpus explains.
func TestCorpusAgainstXmllint(t *testing.T) {
	t.Parallel()
	dtd, err := filepath.Abs(filepath.Join("testdata", "postacert.dtd"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range corpus(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "daticert.xml")
			if err := os.WriteFile(path, []byte(c.xml), 0o600); err != nil {
				t.Fatal(err)
			}
			output, toolErr := exec.Command("xmllint", "--nonet", "--noout", "--dtdvalid", dtd, path).CombinedOutput()
			_, _, ours := Read([]byte(c.xml))
			if agrees := (toolErr != nil) == (ours != nil); agrees != (c.differs == "") {
				t.Errorf("xmllint: %v\n%s\nours: %v\nknown difference: %q", toolErr, bytes.TrimSpace(output), ours, c.differs)
			}
		})
	}
}
