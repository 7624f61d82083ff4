package steps

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxTargetFile bounds a target file; larger means that it is something else.
const maxTargetFile = 1 << 20

// ReadTarget reads a target file (YAML) that lies in folder, to which the paths
// in it are relative. Unknown keys, doubled keys, secrets that stand in the file
// and a description that does not hold together are errors.
func ReadTarget(r io.Reader, folder string) (*Target, error) {
	var t Target
	if err := readStrictly(r, folder, &t); err != nil {
		return nil, err
	}
	// A program is looked for like a path of the file, unless it is a bare name.
	if c := t.WhiteBox.Command; len(c) > 0 && strings.ContainsRune(c[0], filepath.Separator) && !filepath.IsAbs(c[0]) {
		c[0] = filepath.Join(folder, c[0])
	}
	return &t, t.Check()
}

// readStrictly reads a description in YAML. Everything that is wrong with its
// form is said, line by line, in the words of whoever writes such files.
func readStrictly(r io.Reader, folder string, into any) error {
	octets, err := io.ReadAll(io.LimitReader(r, maxTargetFile+1))
	if err != nil {
		return fmt.Errorf("read the target file: %w", err)
	}
	if len(octets) > maxTargetFile {
		return fmt.Errorf("the target file is larger than %d bytes: is it the right file?", maxTargetFile)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(octets, &document); err != nil {
		return fmt.Errorf("the target file does not read as YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(document.Content) != 1 {
		return errors.New("the target file is empty: see fixtures/targets for what stands in one")
	}
	f := form{folder: folder}
	f.check(document.Content[0], reflect.TypeOf(into).Elem(), "", "")
	if err := errors.Join(f.wrong...); err != nil {
		return err
	}
	if err := document.Decode(into); err != nil {
		return fmt.Errorf("target file: %w", err)
	}
	return nil
}
