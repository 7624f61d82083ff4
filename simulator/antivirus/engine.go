package antivirus

import (
	"context"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// Engine is whatever a provider has its messages looked through by: the embedded
// Scanner, a daemon of somebody else's, or several together. It has to be safe
// for concurrent use.
type Engine interface {
	// Look looks through a message. read is the same message where it was read
	// already, nil otherwise. An error means that nobody has looked: whoever asked
	// must not let the message through, and may ask again later.
	Look(ctx context.Context, message []byte, read *rawmime.Entity) (Result, error)
}

// Look implements Engine. The embedded scanner always answers.
func (s *Scanner) Look(_ context.Context, message []byte, read *rawmime.Entity) (Result, error) {
	return s.ScanRead(message, read), nil
}

// Patterns makes a scanner that knows the patterns given and nothing else, not
// even the EICAR test file: what a provider looks for besides what its real
// antivirus finds.
func Patterns(patterns ...Pattern) *Scanner {
	s := &Scanner{limits: Limits{}.orDefault()}
	for _, p := range patterns {
		if len(p.Bytes) > 0 {
			s.patterns = append(s.patterns, p)
		}
	}
	return s
}

// All asks engines one after the other: the first that finds something, cannot
// look through all or does not answer has the say. A message is clean when every
// one of them has looked through it and found nothing.
type All []Engine

// Look implements Engine.
func (all All) Look(ctx context.Context, message []byte, read *rawmime.Entity) (Result, error) {
	var closed string
	for _, e := range all {
		r, err := e.Look(ctx, message, read)
		if err != nil || r.Found != "" || r.Incomplete != "" {
			return r, err
		}
		if closed == "" {
			closed = r.Closed
		}
	}
	return Result{Closed: closed}, nil
}
