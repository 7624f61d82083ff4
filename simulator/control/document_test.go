package control

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// operation is what the document says of one, as far as these tests look.
type operation struct {
	OperationID string   `json:"operationId"`
	Summary     string   `json:"summary"`
	Tags        []string `json:"tags"`
	Parameters  []struct {
		Name     string `json:"name"`
		In       string `json:"in"`
		Required bool   `json:"required"`
	} `json:"parameters"`
	Responses map[string]any `json:"responses"`
}

// operations are those of the document, by route pattern.
func operations(t *testing.T) map[string]operation {
	t.Helper()
	octets, err := Document()
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Paths map[string]map[string]operation `json:"paths"`
	}
	if err := json.Unmarshal(octets, &d); err != nil {
		t.Fatal(err)
	}
	all := map[string]operation{}
	for path, methods := range d.Paths {
		for method, o := range methods {
			all[strings.ToUpper(method)+" "+path] = o
		}
	}
	return all
}

// The table of operations and the document say the same: nothing is served that
// is not described, and nothing described that is not served.
func TestTableAndDocumentAgree(t *testing.T) {
	t.Parallel()
	described := slices.Sorted(maps.Keys(operations(t)))
	var served []string
	for _, r := range (&handler{}).routes() {
		served = append(served, r.pattern)
	}
	slices.Sort(served)
	if diff := cmp.Diff(served, described); diff != "" {
		t.Errorf("operations (-served +described; each topic has a table of routes and a fragment in openapi/):\n%s", diff)
	}
}

// Whoever reads the document finds out what an operation does, and generators
// find a name for it.
func TestEveryOperationIsExplained(t *testing.T) {
	t.Parallel()
	names := map[string]string{}
	for where, o := range operations(t) {
		if o.OperationID == "" || o.Summary == "" || len(o.Tags) == 0 || len(o.Responses) == 0 {
			t.Errorf("%s: operationId %q, summary %q, tags %q, %d responses: all four are wanted", where, o.OperationID, o.Summary, o.Tags, len(o.Responses))
		}
		if other, twice := names[o.OperationID]; twice {
			t.Errorf("%s and %s are both named %s", where, other, o.OperationID)
		}
		names[o.OperationID] = where
		var given []string
		for _, p := range o.Parameters {
			if p.In == "path" && p.Required {
				given = append(given, p.Name)
			}
		}
		if diff := cmp.Diff(placeholders(where), given); diff != "" {
			t.Errorf("%s: parameters in its path (-path +document):\n%s", where, diff)
		}
	}
}

// A comma in a text without quotes makes a key of the rest of the text.
func TestNoTextIsCutInTwo(t *testing.T) {
	t.Parallel()
	octets, err := Document()
	if err != nil {
		t.Fatal(err)
	}
	var whole any
	if err := json.Unmarshal(octets, &whole); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, value := range v {
				if strings.Contains(name, " ") {
					t.Errorf("%q is a key: put the text that it belongs to into quotes", name)
				}
				walk(value)
			}
		case []any:
			for _, value := range v {
				walk(value)
			}
		}
	}
	walk(whole)
}

func placeholders(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

func TestMerge(t *testing.T) {
	t.Parallel()
	const base = "paths:\n  /a:\n    get: {operationId: getA}\ncomponents:\n  schemas:\n    A: {type: object}\ntags: [{name: one}]\n"
	tests := []struct{ name, other, want string }{
		{"another path", "paths:\n  /b:\n    get: {operationId: getB}\n", ""},
		{"another method of a path", "paths:\n  /a:\n    post:\n      responses: {204: {description: done}}\n", ""},
		{"another schema", "components:\n  schemas:\n    B: {type: object}\n", ""},
		{"another section", "components:\n  responses:\n    B: {description: b}\n", ""},
		{"another tag", "tags: [{name: two}]\n", ""},
		{"the same operation", "paths:\n  /a:\n    get: {operationId: other}\n", `["paths" "/a" "get"] stands in another fragment too`},
		{"the same schema", "components:\n  schemas:\n    A: {type: string}\n", `["components" "schemas" "A"] stands in another fragment too`},
		{"no YAML", "paths: [", "openapi/b.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{"openapi/a.yaml": {Data: []byte(base)}, "openapi/b.yaml": {Data: []byte(tt.other)}}
			merged, err := merge(files)
			if got := fmt.Sprint(err); tt.want != "" && !strings.Contains(got, tt.want) || tt.want == "" && err != nil {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			if err != nil {
				return
			}
			text := fmt.Sprint(merged)
			for _, want := range []string{"getA", "A:map[type:object]", "name:one"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s is lost in %s", want, text)
				}
			}
		})
	}
}
