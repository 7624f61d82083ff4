package evidence

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"
)

// Log is what an event log came to when it was read whole.
type Log struct {
	Run       Run
	Began     time.Time // of its first event
	Ended     time.Time // of the event that ended the run; zero: the run was cut short
	Last      time.Time // instant of the last event that the run's own clock stamped
	Resumed   int       // how often it was taken up again
	Truncated bool      // the last line was incomplete and was left out
	Hash      string    // SHA-256 of the whole log, hex
	// Otherwise counts the lines of other versions that this one would write
	// differently; only Exact looks.
	Otherwise int
}

// Each reads the event log of a run in order and hands every event on, without
// keeping any. A chain that is broken is ErrChain; so is a log that does not
// begin with the start of a run.
func Each(dir string, event func(Event) error) (*Log, error) {
	return each(dir, event, func(int, []byte, Event) error { return nil })
}

// each hands on every event, and before that its number, its line and itself.
func each(dir string, event func(Event) error, look func(number int, line []byte, e Event) error) (*Log, error) {
	file, err := openPlain(filepath.Join(dir, EventsFile))
	if err != nil {
		return nil, fmt.Errorf("open the event log: %w", err)
	}
	defer file.Close()
	whole := sha256.New()
	reader := bufio.NewReaderSize(io.TeeReader(file, whole), 64<<10)
	log, previous := &Log{}, ""
	for number := 1; ; number++ {
		line, err := readLine(reader)
		if errors.Is(err, io.EOF) {
			log.Truncated = len(line) > 0
			log.Hash = hex.EncodeToString(whole.Sum(nil))
			if number == 1 {
				return nil, fmt.Errorf("%w: it holds no event", ErrChain)
			}
			return log, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the event log after line %d: %w", number-1, err)
		}
		var e Event
		if err := json.Unmarshal(bytes.TrimSuffix(line, []byte("\n")), &e); err != nil {
			return nil, fmt.Errorf("event log line %d: %w", number, err)
		}
		switch {
		case !e.whole():
			return nil, fmt.Errorf("event log line %d: an event of type %q without what it should carry, or of a type that is not known", number, e.Type)
		case e.Previous != previous:
			return nil, fmt.Errorf("%w: line %d names %.12s… as the hash of the line before, which is %.12s…", ErrChain, number, e.Previous, previous)
		case (number == 1) != (e.Type == RunStarted):
			return nil, fmt.Errorf("%w: line %d is of type %q: a log begins with one %s and holds no other", ErrChain, number, e.Type, RunStarted)
		}
		previous = hashOf(line)
		log.note(e)
		if err := look(number, line, e); err != nil {
			return nil, fmt.Errorf("event log line %d: %w", number, err)
		}
		if err := event(e); err != nil {
			return nil, err
		}
	}
}

// note keeps what a log says of its run as a whole.
func (log *Log) note(e Event) {
	switch e.Type {
	case RunStarted:
		log.Run, log.Began, log.Last = *e.Run, e.At, e.At
	case RunEnded:
		log.Ended, log.Last = e.At, e.At
	case RunResumed:
		log.Ended, log.Last = time.Time{}, e.At
		log.Resumed++
	case ScenarioStarted, ScenarioEnded: // the other events bear the legal time of the scenario's own world
		log.Last = e.At
	}
}
