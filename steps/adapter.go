package steps

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// Shapes of the adapter's answers.
type (
	trustAnswer struct {
		Now       time.Time `json:"now"`
		Authority string    `json:"ca"`        // certificate, PEM
		Revoked   string    `json:"crl"`       // PEM
		Directory string    `json:"directory"` // LDIF
	}
	quarantineAnswer struct {
		Provider string    `json:"provider"`
		At       time.Time `json:"at"`
		Found    string    `json:"found"`
		Octets   []byte    `json:"octets"` // base64 in JSON
	}
)

// waitUntilSettled waits until nothing is queued and no session is open, with
// the target and with the peers that the harness plays, and tells whether that
// was reached within the patience. What a peer does gives the target something
// to do again, so both are asked until neither has begun anything.
func (w *World) waitUntilSettled(ctx context.Context) (bool, error) {
	limit, cancel := context.WithTimeout(ctx, w.options.Patience.Settle)
	defer cancel()
	for before := int64(-1); ; {
		now, err := w.peersIdle(limit)
		switch {
		case err != nil:
			return false, whyNotSettled(ctx, limit, err)
		case now == before:
			return true, nil
		}
		before = now
		if settled, err := w.targetSettled(ctx, limit); err != nil || !settled {
			return settled, err
		}
		if limit.Err() != nil {
			return true, nil // nobody says when it rests, and the whole patience is over: absence counts
		}
	}
}

// whyNotSettled is nil when only the patience is over: what is missing may still
// come.
func whyNotSettled(ctx, limit context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("wait for the target to settle: %w", ctx.Err())
	case limit.Err() != nil:
		return nil //nolint:nilerr // the patience is over, which is no trouble
	}
	return fmt.Errorf("wait for the target to settle: %w", err)
}

// peersIdle waits until no peer has anything in hand, and tells how much they
// ever began.
func (w *World) peersIdle(ctx context.Context) (begun int64, err error) {
	for _, p := range w.peers {
		count, err := p.idle(ctx)
		if err != nil {
			return 0, err
		}
		begun += count
	}
	return begun, nil
}

// pathIdle is where the white box says whether anything is under way.
const pathIdle = "/v1/idle"

// restRounds is how often the hosts of a target are asked in turn whether they
// rest: while one is asked, another may give a former one something to do, which
// goes on for as many hands as a message passes through with its receipts.
const restRounds = 4

// targetSettled waits for the target alone.
func (w *World) targetSettled(ctx, limit context.Context) (bool, error) {
	rounds := 1
	if len(w.target.WhiteBox.Hosts) > 1 {
		rounds = restRounds
	}
	for {
		answer, err := w.inside(limit, question{method: http.MethodGet, path: pathIdle, query: url.Values{"wait": {"10s"}}})
		switch {
		case errors.Is(err, errNotOffered) || err == nil && answer.notOffered():
			return w.waitUntilQuiet(ctx, limit)
		case err != nil:
			return false, whyNotSettled(ctx, limit, err)
		case statusOK(answer.status):
			if rounds--; rounds == 0 {
				return true, nil
			}
		case answer.status != http.StatusServiceUnavailable:
			return false, fmt.Errorf("wait for the target to settle: the white box answered %d, expected 204 or 503", answer.status)
		}
		if limit.Err() != nil {
			return false, whyNotSettled(ctx, limit, limit.Err())
		}
	}
}

// readAdapter takes into evidence what the target claims of its inside.
func (w *World) readAdapter(ctx context.Context) error {
	if err := w.readTrust(ctx); err != nil {
		return err
	}
	if !w.target.WhiteBox.given() {
		return nil
	}
	for _, p := range w.target.Providers {
		query := url.Values{"provider": {p.Name}}
		if err := errors.Join(w.readJournal(ctx, p, query), w.readQuarantine(ctx, p, query), w.readRelay(ctx, p.Name)); err != nil {
			return err
		}
	}
	if w.target.Ordinary.Name == "" {
		return nil
	}
	return w.readRelay(ctx, w.target.Ordinary.Name)
}

func (w *World) readTrust(ctx context.Context) error {
	answer, err := w.trust(ctx)
	if err != nil {
		return offered(err)
	}
	if served := w.servedDirectory(); served != "" {
		answer.Directory = served // the harness plays the central directory: the target knows that one
	}
	trust := &evidence.Trust{Instant: answer.Now.UTC()}
	for _, part := range []struct {
		text string
		into *string
	}{{answer.Authority, &trust.Authority}, {answer.Revoked, &trust.Revoked}, {answer.Directory, &trust.Directory}} {
		hash, err := w.recorder.Keep(evidence.TrustBlob, []byte(part.text), false)
		if err != nil {
			return err
		}
		*part.into = hash
	}
	return w.recorder.Record(evidence.Event{Type: evidence.TrustSeen, Trust: trust})
}

func (w *World) readJournal(ctx context.Context, p Provider, query url.Values) error {
	var entries []evidence.JournalEntry
	if err := w.ask(ctx, pathJournal, query, &entries); err != nil {
		return offered(err)
	}
	entries = only(rest(w, "journal of "+p.Name, entries), func(e evidence.JournalEntry) bool {
		return w.concerns(append(slices.Clone(e.Recipients), e.Sender)...)
	})
	for i := range entries {
		entries[i].Provider = p.Name
	}
	return w.recorder.Record(evidence.Event{Type: evidence.JournalRead, Journal: entries})
}

func (w *World) readQuarantine(ctx context.Context, p Provider, query url.Values) error {
	var answer []quarantineAnswer
	if err := w.ask(ctx, pathQuarantine, query, &answer); err != nil {
		return offered(err)
	}
	var kept []evidence.Quarantined
	for _, q := range rest(w, "quarantine of "+p.Name, answer) {
		if !w.concernsOctets(q.Octets) {
			continue
		}
		hash, err := w.recorder.Keep(evidence.Received, q.Octets, true)
		if err != nil {
			return err
		}
		kept = append(kept, evidence.Quarantined{Provider: p.Name, At: q.At.UTC(), Found: q.Found, Blob: hash})
	}
	return w.recorder.Record(evidence.Event{Type: evidence.QuarantineRead, Quarantine: kept})
}

// readRelay reads the transactions that one host carried out with others.
func (w *World) readRelay(ctx context.Context, host string) error {
	if host == "" {
		return nil
	}
	var exchanges []evidence.RelayExchange
	if err := w.ask(ctx, pathSessions, url.Values{"provider": {host}}, &exchanges); err != nil {
		return offered(err)
	}
	exchanges = only(rest(w, "relay of "+host, exchanges), func(e evidence.RelayExchange) bool {
		return w.concerns(append(slices.Clone(e.Recipients), e.ReversePath)...)
	})
	return w.recorder.Record(evidence.Event{Type: evidence.RelayRead, Relay: exchanges})
}

// rest leaves out what is already in evidence. The adapter's lists grow at
// their end; a log may drop at its beginning what it has kept long enough.
func rest[T any](w *World, list string, all []T) []T {
	w.mu.Lock()
	defer w.mu.Unlock()
	begin := w.read[list].count
	if len(all) < begin { // the oldest are gone: what is new stands behind what was last
		begin = 0
		for i := range all {
			if keyOf(all[i]) == w.read[list].last {
				begin = i + 1
			}
		}
	}
	now := listRead{count: len(all)}
	if len(all) > 0 {
		now.last = keyOf(all[len(all)-1])
	}
	w.read[list] = now
	return all[begin:]
}

// listRead is how far a list of the adapter has been read.
type listRead struct {
	count int
	last  string // key of the last entry
}

func keyOf(entry any) string {
	octets, err := json.Marshal(entry)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(octets)
	return string(sum[:])
}

func offered(err error) error {
	if errors.Is(err, errNotOffered) {
		return nil
	}
	return err
}
