package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Drawer is the folder that a blob goes to.
type Drawer string

// Drawers of a run folder.
const (
	Sent       Drawer = "sent"        // octets that the harness sent
	Received   Drawer = "received"    // octets that the target emitted
	Transcript Drawer = "transcripts" // protocol dialogues, secrets removed
	TrustBlob  Drawer = "trust"       // certificates, CRLs, directories
	Features   Drawer = "features"    // the feature files that scenarios were read from
)

// drawers lists them all.
func drawers() []Drawer { return []Drawer{Received, Sent, TrustBlob, Transcript, Features} }

// EventsFile is the name of the event log in a run folder.
const EventsFile = "events.ndjson"

// Recorder writes the evidence of one run into its folder: one write per
// event, each line chained to the one before by its hash, so that a run that
// is killed leaves a readable, checkable beginning. Safe for concurrent use.
type Recorder struct {
	dir string
	now func() time.Time

	mu       sync.Mutex
	file     *os.File
	sequence int
	previous string
	kept     map[string]bool
	broken   error // the first event that could not be written: none follows it, so that half a line stays the last
}

// Create starts the evidence of a run in dir, which must not hold one yet.
// now gives the legal time that events are stamped with.
func Create(dir string, now func() time.Time) (*Recorder, error) {
	for _, d := range drawers() {
		if err := os.MkdirAll(filepath.Join(dir, "evidence", string(d)), 0o755); err != nil {
			return nil, fmt.Errorf("create the evidence folder: %w", err)
		}
	}
	file, err := os.OpenFile(filepath.Join(dir, EventsFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("create the event log: %w", err)
	}
	if err := hold(file); err != nil {
		return nil, errors.Join(fmt.Errorf("create the event log: %w", err), file.Close())
	}
	return &Recorder{dir: dir, now: now, file: file, kept: map[string]bool{}}, nil
}

// Record appends one event; sequence, instant and chain are filled here.
func (r *Recorder) Record(e Event) error { return r.record(e, r.now) }

func (r *Recorder) record(e Event, now func() time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Sequence, e.At, e.Previous = r.sequence+1, now().UTC(), r.previous
	line, err := encode(e)
	if err != nil {
		return fmt.Errorf("encode event %d (%s): %w", e.Sequence, e.Type, err)
	}
	if r.broken != nil {
		return r.broken
	}
	if _, err := r.file.Write(line); err != nil {
		r.broken = fmt.Errorf("write event %d (%s): %w", e.Sequence, e.Type, err)
		return r.broken
	}
	r.sequence, r.previous = e.Sequence, hashOf(line)
	return nil
}

// Keep stores octets in a drawer and returns their SHA-256, which events cite.
// Octets that a virus scanner could react to are passed with infected set and
// lie base64-encoded on disk.
func (r *Recorder) Keep(drawer Drawer, octets []byte, infected bool) (string, error) {
	hash := hashOf(octets)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept[hash] {
		return hash, nil
	}
	path, content := filepath.Join(r.dir, "evidence", string(drawer), hash), octets
	if infected {
		path += encodedSuffix
		content = []byte(base64.StdEncoding.EncodeToString(octets))
	} else {
		path += suffixOf(drawer)
	}
	if err := WriteWhole(path, content); err != nil {
		return "", fmt.Errorf("keep evidence: %w", err)
	}
	r.kept[hash] = true
	return hash, nil
}

// Close ends the log. It returns also why an event could not be written: whoever
// recorded it may have had nobody to tell.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.broken, r.file.Close())
}

// Scenario returns a recorder whose events all belong to one scenario.
func (r *Recorder) Scenario(id string) *Scenario { return &Scenario{recorder: r, id: id} }

// Scenario records the events of one scenario.
type Scenario struct {
	recorder *Recorder
	id       string
	now      func() time.Time // nil: the run's clock
}

// UseClock stamps the events that follow with the legal time of the scenario's
// own world, which may be at another date than the run. It is to be called
// before anything is recorded by several goroutines.
func (s *Scenario) UseClock(now func() time.Time) { s.now = now }

// Record appends an event of this scenario.
func (s *Scenario) Record(e Event) error {
	e.Scenario = s.id
	if s.now != nil && e.Type != ScenarioEnded { // how long a scenario took is a matter of the run's clock
		return s.recorder.record(e, s.now)
	}
	return s.recorder.Record(e)
}

// Keep stores octets; see Recorder.Keep.
func (s *Scenario) Keep(drawer Drawer, octets []byte, infected bool) (string, error) {
	return s.recorder.Keep(drawer, octets, infected)
}

// Octets are read in browsers, which take a message/rfc822 for an archive of
// pages and show nothing: whatever has words in it ends in .txt.
const encodedSuffix = ".b64.txt"

func suffixOf(d Drawer) string {
	switch d {
	case Sent, Received:
		return ".eml.txt"
	case Transcript:
		return ".txt"
	case Features:
		return ".feature.txt"
	default:
		return ""
	}
}

// encode writes one event as one line of JSON, without HTML escapes, so that
// the octets that are hashed are those that a person reads.
func encode(e Event) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func hashOf(octets []byte) string {
	sum := sha256.Sum256(octets)
	return hex.EncodeToString(sum[:])
}
