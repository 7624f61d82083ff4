package steps

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The samples that users start from are read as they are: this test makes what
// they refer to. It cannot run beside others, since it sets the environment.
func TestSampleTargets(t *testing.T) { //nolint:paralleltest // Setenv
	for _, name := range []string{"ANNA_PASSWORD", "COLLEAGUE_PASSWORD", "STUDIO_PASSWORD", "BRUNO_PASSWORD", "CARLA_PASSWORD", "DARIO_PASSWORD", "ELENA_PASSWORD", "WHITE_BOX_TOKEN"} {
		t.Setenv(name, "segreto")
	}
	for _, name := range []string{"user", "ordinary", "peer", "white-box"} {
		text, err := os.ReadFile(filepath.Join("..", "fixtures", "targets", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		pair := testPair("sample", "posta-certificata@gestore.prova.example")
		for _, named := range regexp.MustCompile(`\{file: ([^}]+)\}`).FindAllStringSubmatch(string(text), -1) {
			octets := pair.Certificate
			if strings.HasSuffix(named[1], ".key") {
				octets = pair.Key.Reveal()
			}
			path := filepath.Join(folder, named[1])
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(octets), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := ReadTarget(strings.NewReader(string(text)), folder); err != nil {
			t.Errorf("%s.yaml: %v", name, err)
		}
	}
}
