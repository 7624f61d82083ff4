package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	j.mu.Lock()
	defer j.mu.Unlock()
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
func (j *Journal) readSaved() error {
	data, there := j.o.Ledgers.Recorded(beginLedger, filesLedger)
	if !there {
		return nil
	}
	var state progress
	if err := json.Unmarshal(data, &state); err != nil {
		return fmt.Errorf("log of %s: how far it was saved: %w", j.o.Provider, err)
	}
	j.saved = clock.Legal(state.Until)
	for j.unsaved < len(j.lines) && j.lines[j.unsaved].number < state.Line {
		j.unsaved++
	}
	return nil
}

// progress is how far the log was saved.
type progress struct {
	Until time.Time `json:"until"`
	Line  int       `json:"line"` // the first one that is in no file
}

// save makes the files that are due. A line that was written after the file of
// its instant goes into the next one: no file is ever changed. The lock is held.
func (j *Journal) save(now time.Time) error {
	moved := false
	for until := j.saved.Add(j.o.Every); !until.After(now); until = j.saved.Add(j.o.Every) {
		f := File{
			Name: "log-" + clock.Legal(j.saved).Format("20060102T150405-0700") + ".ndjson",
			From: clock.Legal(j.saved), Until: clock.Legal(until),
		}
		end := j.unsaved
		for end < len(j.lines) && j.lines[end].At.Before(until) {
			end++
		}
		if !j.expired(until, now) {
			if err := j.keep(f, j.lines[j.unsaved:end]); err != nil {
				return fmt.Errorf("log of %s, file %s: %w", j.o.Provider, f.Name, err)
			}
		}
		j.saved, j.unsaved, moved = until, end, true
	}
	if !moved {
		return nil
	}
	state := progress{Until: j.saved, Line: j.next}
	if j.unsaved < len(j.lines) {
		state.Line = j.lines[j.unsaved].number
	}
	return put(j.o.Ledgers, beginLedger, filesLedger, state)
}

func (j *Journal) keep(f File, lines []line) error {
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
