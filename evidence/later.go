package evidence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// MadeLater tells whether a file, by its path in the run folder, has the name of a
// rendering that a finished run may be given after it was sealed.
func MadeLater(path string) bool { return madeLater.MatchString(path) }

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
