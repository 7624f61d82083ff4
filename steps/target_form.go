package steps

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxReferred bounds a file that a target file refers to: a password, a key or a
// chain of certificates.
const maxReferred = 1 << 20

// form compares a target file with what may stand in one, before it is decoded,
// and puts what it refers to in its place.
type form struct {
	folder string
	wrong  []error
}

func (f *form) complain(n *yaml.Node, format string, a ...any) {
	f.wrong = append(f.wrong, fmt.Errorf("target file, line %d: "+format, append([]any{n.Line}, a...)...))
}

// check compares a node with the type that it is to fill. key is where it
// stands; pem says that the text may lie in a file.
func (f *form) check(n *yaml.Node, t reflect.Type, key, pem string) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		f.complain(n, "%sanchors and aliases are not for target files: write it out", in(key))
		return
	}
	if n.Tag == "!!null" {
		return
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[Secret]():
		f.secret(n, key)
	case pem != "":
		f.certificate(n, key)
	case t == reflect.TypeFor[time.Duration]():
		if _, err := time.ParseDuration(n.Value); n.Kind != yaml.ScalarNode || n.Tag == "!!int" || err != nil {
			f.complain(n, "%sexpected a time such as 90s, 500ms or 2m, found %s", in(key), whatIs(n))
		}
	case t.Kind() == reflect.Struct:
		f.mapping(n, t, key)
	case t.Kind() == reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			f.complain(n, "%sexpected a list, found %s", in(key), whatIs(n))
			return
		}
		for _, item := range n.Content {
			f.check(item, t.Elem(), key, "")
		}
	case t.Kind() == reflect.Map:
		if n.Kind != yaml.MappingNode {
			f.complain(n, "%sexpected names with their values, found %s", in(key), whatIs(n))
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			f.check(n.Content[i+1], t.Elem(), key+"."+n.Content[i].Value, "")
		}
	default:
		f.scalar(n, t, key)
	}
}

// in says where something stands; "" at the top.
func in(key string) string {
	if key == "" {
		return ""
	}
	return key + ": "
}

func whatIs(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "keys below it"
	}
	return strconv.Quote(n.Value)
}

func (f *form) scalar(n *yaml.Node, t reflect.Type, key string) {
	wanted, fits := "a text", n.Kind == yaml.ScalarNode
	switch t.Kind() {
	case reflect.Bool:
		wanted, fits = "true or false", fits && n.Tag == "!!bool"
	case reflect.Int, reflect.Int64:
		wanted, fits = "a whole number", fits && n.Tag == "!!int"
	}
	if !fits {
		f.complain(n, "%sexpected %s, found %s", in(key), wanted, whatIs(n))
	}
}

// mapping compares the keys of a mapping with the fields of a struct.
func (f *form) mapping(n *yaml.Node, t reflect.Type, key string) {
	if n.Kind != yaml.MappingNode {
		f.complain(n, "%sexpected keys below it (%s), found %s", in(key), strings.Join(keysOf(t), ", "), whatIs(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if line, twice := seen[name.Value]; twice {
			f.complain(name, "%skey %s stands there twice, first in line %d", in(key), name.Value, line)
			continue
		}
		seen[name.Value] = name.Line
		field, known := fieldOf(t, name.Value)
		if !known {
			f.complain(name, "%sunknown key %s%s", in(key), name.Value, suggestion(name.Value, keysOf(t)))
			continue
		}
		below := name.Value
		if key != "" {
			below = key + "." + name.Value
		}
		f.check(value, field.Type, below, field.Tag.Get("pem"))
	}
}

// keysOf lists the keys that a struct has in YAML.
func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" && name != "-" {
			keys = append(keys, name)
		}
	}
	return keys
}

func fieldOf(t reflect.Type, key string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name == key && name != "-" {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

// suggestion names the key that was probably meant, else all that there are.
func suggestion(word string, known []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	if best != "" {
		return ": did you mean " + best + "?"
	}
	known = slices.Sorted(slices.Values(known))
	return ": expected one of " + strings.Join(known, ", ")
}

// distance counts the letters to put in, take out or change (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			before, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, before+cost)
		}
	}
	return row[len(b)]
}

// secret puts a secret in its place: {env: NAME} or {file: PATH}.
func (f *form) secret(n *yaml.Node, key string) {
	if n.Kind == yaml.ScalarNode {
		f.complain(n, "%sa secret does not stand in a target file: write {env: NAME} or {file: PATH}", in(key))
		f.put(n, "")
		return
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		f.complain(n, "%sexpected {env: NAME} or {file: PATH}", in(key))
		return
	}
	name, value := n.Content[0].Value, n.Content[1].Value
	switch name {
	case "env":
		text, given := os.LookupEnv(value)
		if !given || text == "" {
			f.complain(n, "%sthe environment variable %s is not set", in(key), value)
			return
		}
		f.put(n, text)
	case "file":
		if text, good := f.referred(n, key, value); good {
			// An editor ends a file with a line end, which no password has.
			f.put(n, strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"))
		}
	default:
		f.complain(n.Content[0], "%sunknown key %s%s", in(key), name, suggestion(name, []string{"env", "file"}))
	}
}

// certificate puts certificates in their place: in PEM as they stand, or
// {file: PATH}.
func (f *form) certificate(n *yaml.Node, key string) {
	if n.Kind == yaml.ScalarNode {
		return
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 || n.Content[0].Value != "file" {
		f.complain(n, "%sexpected certificates in PEM, or {file: PATH}", in(key))
		return
	}
	if text, good := f.referred(n, key, n.Content[1].Value); good {
		f.put(n, text)
	}
}

// referred reads a file that the target file names.
func (f *form) referred(n *yaml.Node, key, path string) (string, bool) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.folder, path)
	}
	file, err := os.Open(path)
	if err != nil {
		f.complain(n, "%s%v", in(key), err)
		return "", false
	}
	defer file.Close()
	octets, err := io.ReadAll(io.LimitReader(file, maxReferred+1))
	switch {
	case err != nil:
		f.complain(n, "%s%v", in(key), err)
	case len(octets) > maxReferred:
		f.complain(n, "%s%s is larger than %d bytes: is it the right file?", in(key), path, maxReferred)
	case len(octets) == 0:
		f.complain(n, "%s%s is empty", in(key), path)
	default:
		return string(octets), true
	}
	return "", false
}

// put makes a node the text that it refers to.
func (f *form) put(n *yaml.Node, text string) {
	n.Kind, n.Tag, n.Value, n.Style, n.Content = yaml.ScalarNode, "!!str", text, yaml.DoubleQuotedStyle, nil
}
