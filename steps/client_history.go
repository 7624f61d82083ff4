package steps

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// historyAnswer is one session of a protocol, as the adapter tells it.
type historyAnswer struct {
	ID         int64     `json:"id"`
	Host       string    `json:"host"`
	Protocol   string    `json:"protocol"`
	Service    string    `json:"service"`
	TLS        bool      `json:"tls"`
	TLSVersion string    `json:"tlsVersion"`
	Account    string    `json:"account"`
	Began      time.Time `json:"began"`
	Ended      time.Time `json:"ended"`
	Lines      []struct {
		From string `json:"from"`
		Text string `json:"text"`
	} `json:"lines"`
	Messages  []string `json:"messages"`
	BytesIn   int64    `json:"bytesIn"`
	BytesOut  int64    `json:"bytesOut"`
	Truncated bool     `json:"truncated"`
}

// ofUsers tells a session of a user's client from those that hosts have with
// each other.
func (a historyAnswer) ofUsers() bool {
	if service := strings.ToLower(a.Service); strings.HasPrefix(service, "incoming") || strings.HasPrefix(service, "outgoing") {
		return false
	}
	switch strings.ToLower(a.Protocol) {
	case "smtp", "imap", "pop3":
		return true
	}
	return false
}

// sessionsAfter returns the sessions that began after the one with that number,
// page by page, without what was said in them.
func (w *World) sessionsAfter(ctx context.Context, after int64) ([]historyAnswer, error) {
	var all []historyAnswer
	for {
		var page struct {
			Sessions []historyAnswer `json:"sessions"`
			Next     int64           `json:"next"`
		}
		if err := w.ask(ctx, "/v1/history", url.Values{"after": {strconv.FormatInt(after, 10)}, "limit": {"1000"}}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Sessions...)
		if len(page.Sessions) == 0 || page.Next <= after {
			return all, nil
		}
		after = page.Next
	}
}

// historyEnd is the number of the last session so far, -1 where the world keeps
// no history. Sessions that the harness has open must be over: they are.
func (w *World) historyEnd(ctx context.Context) (int64, error) {
	list, err := w.sessionsAfter(ctx, w.lastSession)
	if errors.Is(err, errNotOffered) {
		return -1, nil
	}
	for _, s := range list {
		w.lastSession = max(w.lastSession, s.ID)
	}
	return w.lastSession, err
}

// readHistory takes the sessions that began since into evidence: those of the
// client, for nobody else speaks for a user while it runs.
func (w *World) readHistory(ctx context.Context, run string, since int64) error {
	if since < 0 {
		return nil
	}
	if _, err := w.waitUntilSettled(ctx); err != nil { // a session ends a moment after its client
		return err
	}
	list, err := w.sessionsAfter(ctx, since)
	if err != nil {
		return err
	}
	for _, s := range list {
		w.lastSession = max(w.lastSession, s.ID)
		if !s.ofUsers() {
			continue
		}
		if err := w.ask(ctx, "/v1/history/"+strconv.FormatInt(s.ID, 10), nil, &s); err != nil {
			return err
		}
		if err := w.recordSession(run, s); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) recordSession(run string, s historyAnswer) error {
	_, account, err := w.clientAccount()
	if err != nil {
		return err
	}
	log := newTranscript(account.User, account.Password.Reveal())
	for _, line := range s.Lines {
		switch line.From {
		case "client":
			log.client(line.Text)
		case "server":
			log.server(line.Text)
		default:
			log.note("%s", line.Text)
		}
	}
	blob, err := w.recorder.Keep(evidence.Transcript, log.octets(), containsAny(log.octets(), w.needles))
	if err != nil {
		return err
	}
	return w.recorder.Record(evidence.Event{Type: evidence.ClientSpoke, ClientSession: &evidence.ClientSession{
		Run: run, ID: s.ID, Host: s.Host, Protocol: strings.ToLower(s.Protocol), Service: s.Service,
		TLS: s.TLS, TLSVersion: s.TLSVersion, Account: s.Account, Began: s.Began.UTC(), Ended: s.Ended.UTC(),
		Messages: s.Messages, BytesIn: s.BytesIn, BytesOut: s.BytesOut, Truncated: s.Truncated, Transcript: blob,
	}})
}
