package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// partialSuffix is what a file is called while it is being written.
const partialSuffix = ".partial"

// WriteWhole writes a whole file or none of it, in a folder that is there: what was
// cut short must not look like what it was to become.
func WriteWhole(path string, octets []byte) error {
	partial := path + partialSuffix
	if err := writeNew(partial, octets); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

// writeNew writes a file in the place of whatever is there, which may be half a
// file, or lead elsewhere. What could not be written whole is taken away again.
func writeNew(path string, octets []byte) error {
	if err := takeAway(path); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(octets)
	if err = errors.Join(err, file.Close()); err != nil {
		os.Remove(path) //nolint:errcheck // what could not be written may be there in part or not at all
	}
	return err
}

// HalfWritten tells of a path that a process was killed while it wrote there.
func HalfWritten(path string) bool { return strings.HasSuffix(path, partialSuffix) }

// dropPartials removes what a process that was killed left half-written. Nothing
// names it: whatever is named has been renamed before.
func dropPartials(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && HalfWritten(path) {
			err = os.Remove(path)
		}
		return err
	})
}

// oddity is something in a run folder that cannot be of a run.
type oddity struct{ path, what string }

func (o oddity) String() string { return o.path + " " + o.what }

// look lists and hashes the files of a run folder, sorted by path, the seal
// excepted, and what is no plain file. Nothing is followed: only what lies in the
// folder itself is opened.
func look(dir string) (files []File, odd []oddity, err error) {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, nil, err
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case entry.IsDir():
		case !legible(rel) || strings.Contains(rel, `\`):
			odd = append(odd, oddity{fmt.Sprintf("%q", rel), "has a name that no file of a run has"})
		case entry.Type()&fs.ModeSymlink != 0:
			odd = append(odd, oddity{rel, "is a symbolic link: a run folder holds what it speaks of itself"})
		case !entry.Type().IsRegular():
			odd = append(odd, oddity{rel, "is no plain file"})
		case slices.Contains([]string{ManifestFile, SumsFile, SignatureFile, TimestampFile}, rel):
		case len(files) == maxFiles:
			return fmt.Errorf("%s holds more than %d files", dir, maxFiles)
		default:
			files = append(files, File{Path: rel})
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, odd, hashAll(root, files)
}

// hashAll fills in size and hash, several files at a time.
func hashAll(root string, files []File) error {
	next := make(chan *File)
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() {
			buffer := make([]byte, 256<<10)
			for f := range next {
				if errs[i] == nil {
					errs[i] = f.hash(root, buffer)
				}
			}
		})
	}
	for i := range files {
		next <- &files[i]
	}
	close(next)
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *File) hash(root string, buffer []byte) error {
	file, err := os.Open(filepath.Join(root, filepath.FromSlash(f.Path)))
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	if f.Size, err = io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{file}, buffer); err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return nil
}
