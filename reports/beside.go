package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ComparedFile is the name in a run folder of its comparison with an earlier run.
// It is there only where one was asked for.
const ComparedFile = "compared.json"

// maxBeside bounds a file beside the result: larger means that it is not ours.
const maxBeside = 64 << 20

// writeBeside keeps what a run was told of beside its own evidence, so that it can
// be rendered again: the baseline's gate, and the comparison. What an earlier
// report of the same folder left is not of this one, and goes.
func writeBeside(dir string, o WriteOptions) error {
	for _, one := range []struct {
		name  string
		there bool
		value any
	}{{GateFile, o.Gate != nil, o.Gate}, {ComparedFile, o.Compared != nil, o.Compared}} {
		if !one.there {
			if err := os.Remove(filepath.Join(dir, one.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			continue
		}
		octets, err := indented(one.value)
		if err != nil {
			return fmt.Errorf("encode %s: %w", one.name, err)
		}
		if err := writeFile(dir, one.name, octets); err != nil {
			return err
		}
	}
	return nil
}

// recall takes up what the run was told of beside its evidence, where whoever
// renders it again says nothing else.
func (o *RenderOptions) recall(dir string) (err error) {
	if o.Gate == nil {
		if o.Gate, err = ReadGate(dir); err != nil {
			return err
		}
	}
	if o.Compared == nil {
		o.Compared, err = ReadComparison(dir)
	}
	return err
}

func indented(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return b.Bytes(), err
}

// ReadGate reads what a baseline made of a run back from its folder; nil where the
// run was given none.
func ReadGate(dir string) (*Gate, error) {
	g := &Gate{}
	return readBeside(dir, GateFile, g, func() (string, string) { return g.Schema, GateSchema })
}

// ReadComparison reads the comparison with an earlier run back from a run folder;
// nil where there is none.
func ReadComparison(dir string) (*Comparison, error) {
	c := &Comparison{}
	return readBeside(dir, ComparedFile, c, func() (string, string) { return c.Schema, ComparisonSchema })
}

// readBeside refuses what it does not know: what is half understood must not be
// shown.
func readBeside[T any](dir, name string, into *T, schema func() (is, want string)) (*T, error) {
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil //nolint:nilnil // there is none, which is no error
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxBeside:
		return nil, fmt.Errorf("%s is no file, or larger than %d bytes: it is none of ours", path, maxBeside)
	}
	octets, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(octets))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if is, want := schema(); is != want {
		return nil, fmt.Errorf("%s: its schema is %q: expected %q; read it with the version of Collaudo that wrote it", path, is, want)
	}
	return into, nil
}
