package control

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

// fragments are the OpenAPI document in pieces: document.yaml says what all
// share, and each topic describes its operations in a file of its own.
//
//go:embed openapi/*.yaml
var fragments embed.FS

// rendered is the document, made at the first request for it: most worlds are
// never asked.
var rendered = sync.OnceValues(func() (renderings, error) {
	merged, err := merge(fragments)
	if err != nil {
		return renderings{}, err
	}
	var r renderings
	if r.json, err = json.MarshalIndent(merged, "", "  "); err != nil {
		return renderings{}, fmt.Errorf("OpenAPI document: %w", err)
	}
	if r.yaml, err = yaml.Marshal(merged); err != nil {
		return renderings{}, fmt.Errorf("OpenAPI document: %w", err)
	}
	return r, nil
})

type renderings struct{ json, yaml []byte }

// Document returns the OpenAPI 3 document of the interface, as JSON.
func Document() ([]byte, error) {
	r, err := rendered()
	return r.json, err
}

func (*handler) documentRoutes() []route {
	serve := func(kind string, of func(renderings) []byte) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			r, err := rendered()
			if err != nil {
				fail(rw, http.StatusInternalServerError, err)
				return
			}
			rw.Header().Set("Content-Type", kind)
			_, _ = rw.Write(of(r)) // the client is gone; there is nobody to tell
		}
	}
	return []route{
		{"GET /openapi.json", serve("application/json", func(r renderings) []byte { return r.json })},
		{"GET /openapi.yaml", serve("application/yaml", func(r renderings) []byte { return r.yaml })},
	}
}

// merge puts the fragments together. What two of them both define is an error:
// one of the two would be lost.
func merge(files fs.FS) (map[string]any, error) {
	names, err := fs.Glob(files, "openapi/*.yaml")
	if err != nil {
		return nil, err
	}
	whole := map[string]any{}
	for _, name := range names {
		octets, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		var fragment map[string]any
		if err := yaml.Unmarshal(octets, &fragment); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := join(whole, plain(fragment).(map[string]any), depth{}); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return whole, nil
}

// depth is the path of names from the top of the document.
type depth []string

// shared tells whether a name may stand in several fragments, their contents
// being joined: paths (and each path, for its methods), components and its
// sections, and the list of tags.
func (d depth) shared() bool {
	switch len(d) {
	case 1:
		return d[0] == "paths" || d[0] == "components" || d[0] == "tags"
	case 2:
		return true // everything at the first depth that is shared
	default:
		return false
	}
}

func join(into, from map[string]any, at depth) error {
	for name, value := range from {
		here := append(slices.Clone(at), name)
		there, exists := into[name]
		if !exists {
			into[name] = value
			continue
		}
		if list, ok := there.([]any); ok && here.shared() {
			more, _ := value.([]any)
			into[name] = append(list, more...)
			continue
		}
		a, isMap := there.(map[string]any)
		b, alsoMap := value.(map[string]any)
		if !here.shared() || !isMap || !alsoMap {
			return fmt.Errorf("%q stands in another fragment too: each operation and component is defined once", here)
		}
		if err := join(a, b, here); err != nil {
			return err
		}
	}
	return nil
}

// plain turns keys that YAML reads as numbers, such as status codes, into texts.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			v[name] = plain(value)
		}
		return v
	case map[any]any:
		named := make(map[string]any, len(v))
		for name, value := range v {
			named[fmt.Sprint(name)] = plain(value)
		}
		return named
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
		return v
	default:
		return v
	}
}
