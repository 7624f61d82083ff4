package console

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/store"
)

var noon = time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC)

// fake is a world of two providers and an ordinary host, with what a test puts
// into it.
type fake struct {
	mu       sync.Mutex
	now      time.Time
	real     bool
	mail     *store.Memory
	lines    []LogLine
	sessions []Session
	rules    []Rule
	acts     []string
}

const (
	aurora = "Aurora PEC S.p.A."
	borea  = "Borea PEC S.r.l."
	anna   = "anna@aurora.example"
	bruno  = "bruno@borea.example"
	elena  = "elena@posta.example"
)

func newFake(t *testing.T) *fake {
	t.Helper()
	w := &fake{now: noon, mail: store.NewMemory(0)}
	list, _ := w.Accounts()
	for _, a := range list {
		if err := w.mail.CreateMailbox(a.Address, 0); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *fake) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *fake) Steppable() bool { return !w.real }

func (w *fake) Advance(_ context.Context, by time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(by)
	return nil
}

func (*fake) Hosts() []Host {
	return []Host{
		{Name: aurora, Provider: true, Domains: []string{"gestore.aurora.example", "aurora.example"}, Services: []Service{{"submission-tls", "127.0.0.1:2465"}}},
		{Name: borea, Provider: true, Domains: []string{"gestore.borea.example", "borea.example"}},
		{Name: "posta.example", Domains: []string{"posta.example"}},
	}
}

func (*fake) Accounts() ([]Account, error) {
	return []Account{
		{Address: "ricevute@gestore.aurora.example", Host: aurora, Service: true, State: "active"},
		{Address: anna, Host: aurora, Actor: "Anna", Password: "segreto", State: "active", Actions: []string{"suspend"}},
		{Address: bruno, Host: borea, Actor: "Bruno", State: "expired", Quota: 1 << 20},
		{Address: elena, Host: "posta.example", Actor: "Elena", State: "active"},
	}, nil
}

func (w *fake) Act(_ context.Context, address, action string) error {
	w.acts = append(w.acts, address+" "+action)
	return nil
}

func (w *fake) Folders(mailbox string) ([]store.Folder, error) {
	f, err := w.mail.Folder(mailbox, store.Inbox)
	return []store.Folder{f}, err
}

func (w *fake) Message(sha256 string) ([]byte, error) {
	octets, err := w.mail.Octets(sha256)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return octets, nil
}

func (w *fake) Log() ([]LogLine, error) { return w.lines, nil }

func (w *fake) Sessions(SessionFilter) ([]Session, error) { return w.sessions, nil }

func (w *fake) Session(id int64) (Session, error) {
	for _, s := range w.sessions {
		if s.ID == id {
			return s, nil
		}
	}
	return Session{}, ErrNotFound
}

func (*fake) Faults() []Fault { return []Fault{{"lost-receipt", "Loses the receipt", "delivery"}} }
func (w *fake) Rules() []Rule { return w.rules }
func (w *fake) SwitchOff(id string) error {
	if len(w.rules) == 0 || w.rules[0].ID != id {
		return ErrNotFound
	}
	w.rules = nil
	return nil
}

func (w *fake) SwitchOn(r Rule) error {
	r.ID = "1"
	w.rules = append(w.rules, r)
	return nil
}

// put stores a message and returns its hash.
func (w *fake) put(t *testing.T, mailbox, octets string) string {
	t.Helper()
	octets = strings.ReplaceAll(octets, "\n", "\r\n")
	if _, err := w.mail.Append(mailbox, store.Inbox, []byte(octets), store.Message{Received: noon}, true); err != nil {
		t.Fatal(err)
	}
	return store.Hash([]byte(octets))
}

// said adds a line to a log: seconds after noon, event, Message-IDs.
func (w *fake) said(provider string, after int, event, sender string, recipients []string, detail string, related ...string) {
	w.lines = append(w.lines, LogLine{provider, journal.Entry{
		At: noon.Add(time.Duration(after) * time.Second), Event: event, MessageID: "<m@client.example>", Identifier: "pec1@gestore.aurora.example",
		Sender: sender, Recipients: recipients, Subject: "Ciao", Related: related, Issuer: provider, Detail: detail,
	}})
}

const at = "127.0.0.1:6200"

// console is the handler of a console on the world.
func (w *fake) console(t *testing.T, judge Judge) http.Handler {
	t.Helper()
	h, err := Handler(Options{World: w, Events: events.NewRecord(0), Judge: judge}, at)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	return serve(h, r, header)
}

func post(h http.Handler, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return serve(h, r, header)
}

func serve(h http.Handler, r *http.Request, header []string) *httptest.ResponseRecorder {
	r.Host = at
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	rw := httptest.NewRecorder()
	h.ServeHTTP(rw, r)
	return rw
}
