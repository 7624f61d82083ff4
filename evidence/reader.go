package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"time"
)

// maxLine bounds one event: larger means that the log is not ours.
const maxLine = 16 << 20

// Record is the evidence of a run, read back from its folder.
type Record struct {
	Dir         string
	Run         Run
	Cases       []*Case
	Interrupted bool // no run-ended event: the run was cut short
	Truncated   bool // the last line was incomplete and was left out
	// Superseded counts, by scenario, how often it was begun again: what it did
	// the last time is its case, and what it did before that stands in Case.Earlier.
	Superseded map[string]int
	// Resumed counts how often the run, or one of its scenarios by its id, was
	// taken up again; the run's own count stands under "".
	Resumed map[string]int
	// Way is put before the paths that Path returns: how one gets to the run
	// folder from where a report lies, "../run/"; empty: it lies in that folder.
	Way string

	last   string // hash of the last line
	length int64  // of the log, in bytes, up to the end of its last whole line
	lines  int
}

// ErrChain says that the event log was altered: a line does not continue the
// hash of the one before.
var ErrChain = errors.New("the event log does not hold together")

// Open reads the evidence of a run. A log that ends in the middle of a line is
// read up to there; one whose chain is broken is refused with ErrChain.
func Open(dir string) (*Record, error) {
	file, err := openPlain(filepath.Join(dir, EventsFile))
	if err != nil {
		return nil, fmt.Errorf("open the event log: %w", err)
	}
	defer file.Close()
	return readLog(dir, file)
}

// OpenBefore reads the evidence of a run as it was before the run was taken up again
// for the nth time, from 1. Of a run that was not, that often, it is the whole.
func OpenBefore(dir string, nth int) (*Record, error) {
	file, err := openPlain(filepath.Join(dir, EventsFile))
	if err != nil {
		return nil, fmt.Errorf("open the event log: %w", err)
	}
	defer file.Close()
	return readLogBefore(dir, file, nth)
}

// readLog reads an event log from where it stands.
func readLog(dir string, file io.Reader) (*Record, error) {
	return readLogBefore(dir, file, math.MaxInt)
}

// readLogBefore reads it until the run was taken up again for the nth time.
func readLogBefore(dir string, file io.Reader, nth int) (*Record, error) {
	rec := &Record{Dir: dir, Interrupted: true, Superseded: map[string]int{}, Resumed: map[string]int{}}
	var order []string
	byScenario, earlier := map[string][]Event{}, map[string][]*Case{}
	previous, number := "", 0
	reader := bufio.NewReaderSize(file, 64<<10)
	for {
		line, err := readLine(reader)
		if errors.Is(err, io.EOF) {
			rec.Truncated = len(line) > 0
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the event log after line %d: %w", number, err)
		}
		number++
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("event log line %d: %w", number, err)
		}
		if !e.whole() {
			return nil, fmt.Errorf("event log line %d: an event of type %q without what it should carry, or of a type that is not known", number, e.Type)
		}
		if e.Previous != previous {
			return nil, fmt.Errorf("%w: line %d names %.12s… as the hash of the line before, which is %.12s…", ErrChain, number, e.Previous, previous)
		}
		if e.Type == RunResumed && rec.Resumed[""]+1 == nth {
			break
		}
		previous = hashOf(line)
		rec.last, rec.lines, rec.length = previous, number, rec.length+int64(len(line))
		switch e.Type {
		case RunStarted:
			rec.Run = *e.Run
		case RunEnded:
			rec.Interrupted = false
		case RunResumed:
			rec.Interrupted = true // until it ends again
			rec.Resumed[""]++
		case ScenarioResumed:
			rec.Resumed[e.Scenario]++
		case ScenarioAgain:
			rec.Superseded[e.Scenario]++
			if given := byScenario[e.Scenario]; len(given) > 0 {
				earlier[e.Scenario] = append(earlier[e.Scenario], NewCase(given, folder(dir)))
			}
			byScenario[e.Scenario] = []Event{} // seen, and to be begun again
			continue
		}
		if e.Scenario == "" {
			continue
		}
		if _, seen := byScenario[e.Scenario]; !seen {
			order = append(order, e.Scenario)
		}
		byScenario[e.Scenario] = append(byScenario[e.Scenario], e)
	}
	for _, id := range order {
		if len(byScenario[id]) == 0 {
			continue // cut short, and not begun again yet
		}
		c := NewCase(byScenario[id], folder(dir))
		c.Earlier = earlier[id]
		rec.Cases = append(rec.Cases, c)
	}
	return rec, nil
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		chunk, err := r.ReadSlice('\n')
		line = append(line, chunk...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return line, err
	}
}

// folder is a run folder as a source of blobs.
type folder string

// Blob looks for the hash in every drawer and checks that the octets still
// have it.
func (f folder) Blob(hash string) ([]byte, error) {
	for _, d := range drawers() {
		base := filepath.Join(string(f), "evidence", string(d), hash)
		octets, err := readWhole(base+suffixOf(d), false)
		if errors.Is(err, fs.ErrNotExist) {
			octets, err = readWhole(base+encodedSuffix, true)
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("evidence %s: %w", hash, err)
		}
		if got := hashOf(octets); got != hash {
			return nil, fmt.Errorf("evidence %s was altered: its octets now hash to %s", hash, got)
		}
		return octets, nil
	}
	return nil, fmt.Errorf("evidence %s is missing from %s", hash, f)
}

// Path returns where in the run folder the octets with that hash lie, relative
// to the folder and with Way in front, or "" when they are not there.
func (rec *Record) Path(hash string) string {
	for _, d := range drawers() {
		for _, suffix := range []string{suffixOf(d), encodedSuffix} {
			rel := filepath.Join("evidence", string(d), hash+suffix)
			if plainFile(filepath.Join(rec.Dir, rel)) == nil {
				return rec.Way + filepath.ToSlash(rel)
			}
		}
	}
	return ""
}

// Encoded tells of a path that Path gave that the octets lie there in base64: a
// virus scanner could react to them.
func Encoded(path string) bool { return strings.HasSuffix(path, encodedSuffix) }

// Span returns when the first scenario of a run began and the last one ended,
// or zero times when no scenario did. It reads only the two ends of the log.
func Span(dir string) (began, ended time.Time, err error) {
	octets, err := ReadPlain(filepath.Join(dir, EventsFile), maxLog)
	if err != nil {
		return began, ended, fmt.Errorf("read the event log: %w", err)
	}
	at := func(line []byte) time.Time {
		var e Event
		if json.Unmarshal(line, &e) != nil || e.Scenario == "" || !onRunsClock(e.Type) { // the last line may be half of one
			return time.Time{}
		}
		return e.At
	}
	for rest := octets; began.IsZero() && len(rest) > 0; {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		began = at(line)
	}
	for rest := octets; ended.IsZero() && len(rest) > 0; {
		start := bytes.LastIndexByte(rest, '\n') + 1
		ended = at(rest[start:])
		rest = rest[:max(start-1, 0)]
	}
	return began, ended, nil
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
