// Package collaudo_test keeps the laws of the house: who may know whom, from
// the real import graph. It tests nothing else.
package collaudo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/collaudo/collaudo/"

// allowed says which rooms a room may import. A room that is missing here may
// import none; a wildcard may import all but cmd and conformance.
var allowed = map[string][]string{
	"pec":         {},
	"evidence":    {"pec"},
	"rules":       {"pec", "evidence"},
	"reports":     {"pec", "evidence", "rules"},
	"simulator":   {"pec", "fixtures"},
	"steps":       {"pec", "evidence", "fixtures", "features"},
	"features":    {},
	"fixtures":    {},
	"conformance": {"pec", "evidence", "rules", "reports", "simulator", "steps", "features", "fixtures"},
	"cmd":         {"pec", "evidence", "rules", "reports", "simulator", "steps", "features", "fixtures", "conformance"},
}

type edge struct{ from, to string }

func TestLawsOfTheHouse(t *testing.T) {
	t.Parallel()
	edges := imports(t)
	if len(edges) == 0 {
		t.Fatal("no import between rooms was seen: the test looks at nothing")
	}
	if broken := lawBreakers(edges); len(broken) > 0 {
		t.Errorf("imports that break a law of the house (see the README, \"The rooms\"):\n  %s", strings.Join(broken, "\n  "))
	}
}

func TestLawsCatchABreach(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edge edge
		want int
	}{
		{"the law must not look at the judged", edge{"rules", "simulator/compose"}, 1},
		{"the judged must not read the law", edge{"simulator/provider", "rules"}, 1},
		{"steps decide nothing", edge{"steps", "rules"}, 1},
		{"pec imports no other room", edge{"pec/smime", "evidence"}, 1},
		{"only cmd imports conformance", edge{"reports", "conformance"}, 1},
		{"a room may import itself", edge{"simulator/provider", "simulator/compose"}, 0},
		{"simulator reads pec", edge{"simulator/provider", "pec/smime"}, 0},
		{"an unknown room may import nothing", edge{"helpers", "pec"}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, len(lawBreakers([]edge{test.edge}))); diff != "" {
				t.Errorf("breaches of %v (-want +got):\n%s", test.edge, diff)
			}
		})
	}
}

func lawBreakers(edges []edge) []string {
	var broken []string
	for _, e := range edges {
		from, to := room(e.from), room(e.to)
		if from != to && !slices.Contains(allowed[from], to) {
			broken = append(broken, e.from+" imports "+e.to)
		}
	}
	slices.Sort(broken)
	return slices.Compact(broken)
}

func room(path string) string { return strings.SplitN(path, "/", 2)[0] }

// imports reads the import graph from the go command, test files included: a
// test that writes and judges with the same code proves as little as a program.
func imports(t *testing.T) []edge {
	t.Helper()
	// Having looked at the tree makes go test's cache notice when it changes.
	if err := filepath.WalkDir(".", func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "out") {
			return fs.SkipDir
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var edges []edge
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath   string
			Imports      []string
			TestImports  []string
			XTestImports []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return edges
		} else if err != nil {
			t.Fatal(err)
		}
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if from, to := strings.TrimPrefix(p.ImportPath, module), strings.TrimPrefix(i, module); from != p.ImportPath && to != i {
				edges = append(edges, edge{from, to})
			}
		}
	}
}
