package conformance

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The list of guards has to fit the files that it speaks of: every number of the
// museum has a guard, every line is there once, and every test is there. That the
// tests miss the guards is for test/guards, which takes each out.
func TestFailOpenListIsInStep(t *testing.T) {
	t.Parallel()
	octets, err := os.ReadFile("fail_open.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Museum map[int]string `yaml:"museum"`
		Guards []struct {
			ID      string   `yaml:"id"`
			Museum  int      `yaml:"museum"`
			File    string   `yaml:"file"`
			Line    string   `yaml:"line"`
			Without string   `yaml:"without"`
			Tests   []string `yaml:"tests"`
		} `yaml:"guards"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(octets))
	decoder.KnownFields(true)
	if err := decoder.Decode(&list); err != nil {
		t.Fatal(err)
	}
	if len(list.Museum) != 17 {
		t.Errorf("the museum has %d numbers, want 17", len(list.Museum))
	}
	tests := map[string]string{} // by package: all that its tests say
	said := func(room string) string {
		if _, read := tests[room]; !read {
			files, err := filepath.Glob(filepath.Join("..", room, "*_test.go"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				octets, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				tests[room] += string(octets)
			}
		}
		return tests[room]
	}
	guarded, seen := map[int]bool{}, map[string]bool{}
	for _, g := range list.Guards {
		if seen[g.ID] {
			t.Errorf("guard %s stands there twice", g.ID)
		}
		seen[g.ID], guarded[g.Museum] = true, true
		text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(g.File)))
		if err != nil {
			t.Error(err)
			continue
		}
		if n := strings.Count(string(text), g.Line); n != 1 {
			t.Errorf("guard %s: its line stands %d times in %s, want once: %s", g.ID, n, g.File, g.Line)
		}
		if !strings.Contains(g.Without, "kept()") || len(g.Tests) == 0 {
			t.Errorf("guard %s cannot be taken out, or names no test", g.ID)
		}
		for _, name := range g.Tests {
			if !strings.Contains(said(filepath.Dir(g.File)), "func "+name+"(t *testing.T)") {
				t.Errorf("guard %s: there is no test %s beside %s", g.ID, name, g.File)
			}
		}
	}
	for number, what := range list.Museum {
		if !guarded[number] {
			t.Errorf("nothing stands against number %d: %s", number, what)
		}
	}
}
