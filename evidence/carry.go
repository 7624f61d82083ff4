package evidence

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrAltered says that octets in an evidence folder are not those that their
// name says.
var ErrAltered = errors.New("evidence was altered")

// Carry appends an event of another log as it stands there, its instant
// included; only its place in the chain is new.
func (r *Recorder) Carry(e Event) error {
	return r.record(e, func() time.Time { return e.At })
}

// CarryBlobs copies the octets that another run folder keeps. What is here
// already is not copied twice; what does not have the hash that its name says
// is refused with ErrAltered.
func (r *Recorder) CarryBlobs(from string) error {
	for _, drawer := range drawers() {
		dir := filepath.Join(from, "evidence", string(drawer))
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read the evidence: %w", err)
		}
		for _, entry := range entries {
			if !entry.Type().IsRegular() {
				return fmt.Errorf("%w: %s is no file", ErrAltered, filepath.Join(dir, entry.Name()))
			}
			if err := r.carryBlob(drawer, filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Recorder) carryBlob(drawer Drawer, path string) error {
	name := filepath.Base(path)
	hash, _, _ := strings.Cut(name, ".")
	infected := strings.HasSuffix(name, encodedSuffix)
	if want := hash + suffixOf(drawer); !infected && name != want {
		return fmt.Errorf("%w: %s has a name that no evidence has", ErrAltered, path)
	}
	octets, err := readWhole(path, infected)
	if err != nil {
		return err
	}
	if got := hashOf(octets); got != hash {
		return fmt.Errorf("%w: the octets in %s hash to %s", ErrAltered, path, got)
	}
	_, err = r.Keep(drawer, octets, infected)
	return err
}

// maxBlob bounds one piece of evidence: more than any message that the rules
// know (30 MB to each of 50 recipients, as one body), encoded.
const maxBlob = 1 << 30

func readWhole(path string, encoded bool) ([]byte, error) {
	octets, err := ReadPlain(path, maxBlob)
	if err != nil {
		return nil, fmt.Errorf("read the evidence: %w", err)
	}
	if !encoded {
		return octets, nil
	}
	if octets, err = base64.StdEncoding.AppendDecode(nil, octets); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrAltered, path, err)
	}
	return octets, nil
}
