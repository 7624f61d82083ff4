package evidence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// DropLater takes away the renderings that a run was given after it was sealed:
// when the run goes on they tell of what it is no longer.
func DropLater(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look for earlier renderings: %w", err)
	}
	for _, e := range entries {
		if e.Type().IsRegular() && madeLater.MatchString(e.Name()) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}
