package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// manifestHalf is the manifest while the seal is put on or taken off. It is there
// before any other file of the seal and after them all: a process that was killed
// in between leaves it, and whoever only took the manifest away does not.
const manifestHalf = ManifestFile + partialSuffix

// writeSeal writes sums and manifest. The manifest comes into its place last of
// all, in one step: a folder with a manifest was finished.
func writeSeal(dir string, sums, manifest []byte) error {
	half := filepath.Join(dir, manifestHalf)
	err := writeNew(half, manifest)
	if err == nil {
		err = WriteWhole(filepath.Join(dir, SumsFile), sums)
	}
	if err == nil {
		err = os.Rename(half, filepath.Join(dir, ManifestFile))
	}
	if err != nil {
		return fmt.Errorf("seal the run folder: %w", err)
	}
	return nil
}

// Unseal takes the seal off a run folder whose content is about to change: what
// it says would be wrong from then on. The manifest goes first, and what is kept
// of it until the rest is gone tells that nobody else took it away.
func Unseal(dir string) error {
	half := filepath.Join(dir, manifestHalf)
	err := os.Rename(filepath.Join(dir, ManifestFile), half)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	for _, name := range []string{TimestampFile, SignatureFile, SumsFile, manifestHalf} {
		if err == nil {
			err = takeAway(filepath.Join(dir, name))
		}
	}
	if err != nil {
		return fmt.Errorf("take the seal off the run folder: %w", err)
	}
	return nil
}

// takeAway takes away a file that may not be there.
func takeAway(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Sealed tells whether a run folder was finished: its manifest is the last that
// is written. It does not tell whether it holds, see CheckManifest.
func Sealed(dir string) (bool, error) { return isThere(filepath.Join(dir, ManifestFile)) }

// isThere tells whether there is something of that name, of whatever kind.
func isThere(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
