package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
)

// File is a part of the log as it was saved: what was written from one instant
// to another, whole, and a time stamp over it. Files follow each other without
// a gap, also when there was nothing to write.
type File struct {
	Name   string    `json:"name"`
	From   time.Time `json:"from"`  // first instant that it covers
	Until  time.Time `json:"until"` // end of what it covers, which the next one begins with
	Octets []byte    `json:"octets"`
	Stamp  []byte    `json:"stamp,omitempty"` // RFC 3161 token over Octets, DER; none when empty
}

// heading is the first line of a file.
type heading struct {
	Provider string    `json:"provider"`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Entries  int       `json:"entries"`
}

// Files returns what has been saved up to now, oldest first.
//
// A file is due when its interval has ended, and is made when somebody asks:
// lines are never changed, so it has the octets and the instant that it would
// have had, and legal time can pass for months without anything being done.
// Intervals are exact, so that the hour that autumn adds makes none too long.
func (j *Journal) Files() ([]File, error) {
	j.saving.Lock()
	defer j.saving.Unlock()
	now := j.o.Now()
	if err := j.save(now); err != nil {
		return nil, err
	}
	var files []File
	for _, r := range j.o.Ledgers.Records(filesLedger) {
		f, err := readFile(r.Data)
		if err != nil {
			return nil, fmt.Errorf("log of %s, file %s: %w", j.o.Provider, r.Key, err)
		}
		if !j.expired(f.Until, now) {
			files = append(files, f)
		}
	}
	if len(files) > 0 {
		j.o.Ledgers.Forget(filesLedger, files[0].Name)
	}
	return files, nil
}

func readFile(data []byte) (File, error) {
	var f File
	if err := json.Unmarshal(data, &f); err != nil {
		return f, err
	}
	f.From, f.Until = clock.Legal(f.From), clock.Legal(f.Until)
	return f, nil
}

// readSaved finds out how far the files of an earlier life go.
func (j *book) readSaved() error {
	data, there := j.o.Ledgers.Recorded(beginLedger, filesLedger)
	if !there {
		return nil
	}
	var state progress
	if err := json.Unmarshal(data, &state); err != nil {
		return fmt.Errorf("log of %s: how far it was saved: %w", j.o.Provider, err)
	}
	j.saved = clock.Legal(state.Until)
	// A line that is not there any more was saved and let go of, with all before it.
	j.unsaved = slices.IndexFunc(j.lines, func(l line) bool { return l.number == state.Line }) + 1
	return nil
}

// progress is how far the log was saved.
type progress struct {
	Until time.Time `json:"until"`
	Line  int       `json:"line"` // the last one that is in a file; -1: none is
}

// save makes the files that are due. A line that was written after the file of
// its instant goes into the next one: no file is ever changed. saving is held;
// nobody else moves saved and unsaved, and lines only come at the end.
func (j *book) save(now time.Time) error {
	j.mu.Lock()
	saved, unsaved, lines := j.saved, j.unsaved, slices.Clip(j.lines)
	j.mu.Unlock()
	moved := false
	for until := saved.Add(j.o.Every); !until.After(now); until = saved.Add(j.o.Every) {
		f := File{
			Name: "log-" + clock.Legal(saved).Format("20060102T150405-0700") + ".ndjson",
			From: clock.Legal(saved), Until: clock.Legal(until),
		}
		end := unsaved
		for end < len(lines) && lines[end].At.Before(until) {
			end++
		}
		if !j.expired(until, now) {
			if err := j.keep(f, lines[unsaved:end]); err != nil {
				return fmt.Errorf("log of %s, file %s: %w", j.o.Provider, f.Name, err)
			}
		}
		saved, unsaved, moved = until, end, true
	}
	if !moved {
		return nil
	}
	state := progress{Until: saved, Line: -1}
	if unsaved > 0 {
		state.Line = lines[unsaved-1].number
	}
	if err := put(j.o.Ledgers, beginLedger, filesLedger, state); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.saved, j.unsaved = saved, unsaved
	return nil
}

func (j *book) keep(f File, lines []line) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(heading{Provider: j.o.Provider, From: f.From, Until: f.Until, Entries: len(lines)}); err != nil {
		return err
	}
	for _, l := range lines {
		if err := encoder.Encode(l.Entry); err != nil {
			return err
		}
	}
	f.Octets = out.Bytes()
	if j.o.Stamp != nil {
		var err error
		if f.Stamp, err = j.o.Stamp(f.Octets, f.Until); err != nil {
			return err
		}
	}
	if j.o.Saving != nil && !j.o.Saving(&f) {
		return nil
	}
	return put(j.o.Ledgers, filesLedger, f.Name, f)
}
