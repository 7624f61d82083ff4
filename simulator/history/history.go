// Package history keeps what was said in the protocol sessions of a simulated
// world: who connected, over TLS or not, who signed in, every command and every
// reply, so that a test can tell what a client really did.
//
// It keeps no passwords and no messages: credentials are left out, messages are
// named by their SHA-256 and size. It is bounded, the oldest sessions go first,
// and it does not outlive the process: it is no legal log.
package history

import (
	"strings"
	"sync"
	"time"
)

// Who said a line.
const (
	Client = "client"
	Server = "server"
	Note   = "note" // neither: what happened to the connection, e.g. a TLS handshake that failed
)

// Session is one session of a protocol.
type Session struct {
	ID         int64     `json:"id"`       // from 1, in the order in which sessions began
	Host       string    `json:"host"`     // name of the provider or ordinary host whose session it is; "authority"
	Protocol   string    `json:"protocol"` // smtp, imap, pop3; ldap and http of the authority
	Service    string    `json:"service"`  // e.g. submission-tls, submission-starttls, incoming, outgoing, imap-tls, pop3-starttls
	Peer       string    `json:"peer"`     // ip:port of the other end
	TLS        bool      `json:"tls"`      // it ended encrypted, from the beginning or after STARTTLS
	TLSVersion string    `json:"tlsVersion,omitempty"`
	Account    string    `json:"account,omitempty"` // address that signed in last
	Began      time.Time `json:"began"`             // legal time
	Ended      time.Time `json:"ended"`             // zero while it goes on
	Lines      []Line    `json:"lines,omitempty"`
	Messages   []string  `json:"messages,omitempty"` // SHA-256 of those transferred whole, in order
	BytesIn    int64     `json:"bytesIn"`            // from the client, without TLS
	BytesOut   int64     `json:"bytesOut"`           // from the server
	// Truncated tells that lines, or names of messages, in the middle were left
	// out because there were too many. The first ones are always there.
	Truncated bool `json:"truncated,omitempty"`
}

// Line is one line of a session, without its line end.
type Line struct {
	At   time.Time `json:"at"` // legal time
	From string    `json:"from"`
	Text string    `json:"text"` // control characters and octets that are no UTF-8 as \xNN
}

// Filter chooses sessions. Empty fields choose all; texts are compared without
// regard to case.
type Filter struct {
	After                   int64 // sessions with a larger ID
	Host, Protocol, Account string
	Limit                   int // at most that many, the first ones; 0 for all
}

func (f Filter) matches(s *Session) bool {
	same := func(asked, is string) bool { return asked == "" || strings.EqualFold(asked, is) }
	return s.ID > f.After && same(f.Host, s.Host) && same(f.Protocol, s.Protocol) && same(f.Account, s.Account)
}

// Options of a record; zero values mean the defaults.
type Options struct {
	Sessions int   // kept at most; default 20,000
	Bytes    int64 // of text kept at most, over all sessions; default 64 MiB
	Lines    int   // kept of one session at most; default 2,000
	// Now gives legal time. Needed.
	Now func() time.Time
	// Ended is told of each session that has ended, without its lines; it must
	// not block.
	Ended func(Session)
}

// Record is the history of one world. Safe for concurrent use; a nil one
// records nothing.
type Record struct {
	o Options

	mu    sync.Mutex
	list  []*entry // by ID
	next  int64
	bytes int64
}

// entry is a session with what guards it.
type entry struct {
	mu    sync.Mutex
	s     Session
	cost  int64
	ended bool
	gone  bool // dropped from the record: its cost counts no more
}

// NewRecord makes an empty history.
func NewRecord(o Options) *Record {
	if o.Sessions <= 0 {
		o.Sessions = 20_000
	}
	if o.Bytes <= 0 {
		o.Bytes = 64 << 20
	}
	if o.Lines <= 0 {
		o.Lines = 2000
	}
	return &Record{o: o, next: 1}
}

// Opening says whose session begins.
type Opening struct {
	Host, Protocol, Service, Peer string
}

// Open notes that a session begins. Close of the writer ends it. A nil record
// gives a nil writer, which forgets everything.
func (r *Record) Open(o Opening) *Writer {
	if r == nil {
		return nil
	}
	at := r.o.Now()
	e := &entry{s: Session{Host: o.Host, Protocol: o.Protocol, Service: o.Service, Peer: o.Peer, Began: at}, cost: costOfSession}
	r.mu.Lock()
	defer r.mu.Unlock()
	e.s.ID = r.next
	r.next++
	r.list = append(r.list, e)
	r.bytes += e.cost
	r.shrink()
	return &Writer{record: r, entry: e}
}

// costOfSession and costOfLine stand for what a session and a line take besides
// their text.
const (
	costOfSession = 512
	costOfLine    = 64
)

// charge counts bytes that an entry has come to take, and makes room. The
// entry's own lock must not be held.
func (r *Record) charge(e *entry, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.gone {
		return
	}
	e.cost += bytes
	r.bytes += bytes
	r.shrink()
}

// shrink drops the oldest sessions until the rest is within the limits. The last
// one stays: it is bounded by itself.
func (r *Record) shrink() {
	n := 0
	for ; n < len(r.list)-1 && (len(r.list)-n > r.o.Sessions || r.bytes > r.o.Bytes); n++ {
		r.list[n].gone = true
		r.bytes -= r.list[n].cost
	}
	if n > 0 {
		r.list = append([]*entry(nil), r.list[n:]...)
	}
}

// entries are those there are now.
func (r *Record) entries() []*entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*entry(nil), r.list...)
}

// List returns the sessions that a filter chooses, those that go on included, in
// the order in which they began and without their lines.
func (r *Record) List(f Filter) []Session {
	out := []Session{}
	if r == nil {
		return out
	}
	for _, e := range r.entries() {
		s, chosen := e.head(f)
		if !chosen {
			continue
		}
		if out = append(out, s); f.Limit > 0 && len(out) == f.Limit {
			break
		}
	}
	return out
}

func (e *entry) head(f Filter) (Session, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.s
	s.Lines, s.Messages = nil, append([]string(nil), s.Messages...)
	return s, f.matches(&e.s)
}

// Get returns a session as it stands, with its lines; ok is false when there is
// none, or none any more.
func (r *Record) Get(id int64) (s Session, ok bool) {
	if r == nil {
		return Session{}, false
	}
	for _, e := range r.entries() {
		if e.s.ID != id { // never changes
			continue
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		s = e.s
		s.Lines = append([]Line{}, s.Lines...)
		s.Messages = append([]string(nil), s.Messages...)
		return s, true
	}
	return Session{}, false
}

// Last is the ID of the session that began last, 0 when there was none.
func (r *Record) Last() int64 {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next - 1
}

// Clear forgets every session that has ended. IDs go on.
func (r *Record) Clear() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var kept []*entry
	for _, e := range r.list {
		e.mu.Lock()
		if e.ended {
			e.gone = true
			r.bytes -= e.cost
		} else {
			kept = append(kept, e)
		}
		e.mu.Unlock()
	}
	r.list = kept
}
