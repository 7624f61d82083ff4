package evidence

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrBusy says that another process writes into the run folder.
var ErrBusy = errors.New("another run is writing into this folder")

// Append takes up the evidence of a run that was interrupted or that waits, and
// goes on where its log ends: sequence and chain continue. A half-written last
// line is taken off, and said to have been; so is the seal of the folder, which
// speaks of what it held before. It returns what was there, read as Open reads it.
// ErrBusy says that the run is still going on.
func Append(dir string, version string, now func() time.Time) (*Recorder, *Record, error) {
	path := filepath.Join(dir, EventsFile)
	if err := plainFile(path); err != nil {
		return nil, nil, fmt.Errorf("open the event log: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0o644)
	if err != nil {
		return nil, nil, fmt.Errorf("open the event log: %w", err)
	}
	r, rec, err := takeUp(dir, file, version, now)
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return r, rec, nil
}

func takeUp(dir string, file *os.File, version string, now func() time.Time) (*Recorder, *Record, error) {
	if err := hold(file); err != nil {
		return nil, nil, fmt.Errorf("take up the run in %s: %w", dir, err)
	}
	rec, err := readLog(dir, file)
	if err != nil {
		return nil, nil, err
	}
	if rec.lines == 0 || rec.Run.Tool == "" {
		return nil, nil, fmt.Errorf("%s holds no run: its event log does not say what was asked", dir)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("look at the event log: %w", err)
	}
	if err := errors.Join(Unseal(dir), dropPartials(filepath.Join(dir, "evidence"))); err != nil {
		return nil, nil, err
	}
	dropped := info.Size() - rec.length
	if dropped > 0 {
		if err := file.Truncate(rec.length); err != nil {
			return nil, nil, fmt.Errorf("take the half-written line off the event log: %w", err)
		}
	}
	if _, err := file.Seek(rec.length, io.SeekStart); err != nil {
		return nil, nil, fmt.Errorf("go to the end of the event log: %w", err)
	}
	kept, err := wholeBlobs(dir)
	if err != nil {
		return nil, nil, err
	}
	r := &Recorder{dir: dir, now: now, file: file, sequence: rec.lines, previous: rec.last, kept: kept}
	return r, rec, r.Record(Event{Type: RunResumed, Resumption: &Resumption{Version: version, Dropped: dropped}})
}

// wholeBlobs lists the octets that are kept already. What does not have the hash
// that its name says is left out, and is written again when it comes again.
func wholeBlobs(dir string) (map[string]bool, error) {
	kept := map[string]bool{}
	for _, d := range drawers() {
		drawer := filepath.Join(dir, "evidence", string(d))
		if err := os.MkdirAll(drawer, 0o755); err != nil {
			return nil, fmt.Errorf("look through the evidence: %w", err)
		}
		entries, err := os.ReadDir(drawer)
		if err != nil {
			return nil, fmt.Errorf("look through the evidence: %w", err)
		}
		for _, e := range entries {
			hash, _, _ := strings.Cut(e.Name(), ".")
			if _, err := folder(dir).Blob(hash); err == nil {
				kept[hash] = true
			}
		}
	}
	return kept, nil
}
