package configfile_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator/configfile"
)

// What the README shows is what is read, and the first example shows every key
// of hosts.
func TestReadme(t *testing.T) {
	t.Parallel()
	octets, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(octets), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d examples, want 2", len(blocks))
	}
	for i, b := range blocks {
		if _, err := configfile.Read([]byte(b[1]), t.TempDir()); err != nil {
			t.Errorf("example %d: %v", i+1, err)
		}
	}
	for _, file := range []string{"hosts.go", "ports.go", "configfile.go", "trust.go", "parts.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range regexp.MustCompile("yaml:\"(\\w+)\"").FindAllStringSubmatch(string(source), -1) {
			if !strings.Contains(string(octets), key[1]+":") && !strings.Contains(string(octets), key[1]+"}") {
				t.Errorf("the README does not show the key %s of %s", key[1], file)
			}
		}
	}
}
