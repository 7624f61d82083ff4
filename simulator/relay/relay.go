// Package relay is the outbound queue of a simulated host: it keeps what was
// accepted until another host has taken it, tries again on the legal clock, and
// gives up after a day (RFC 6109 2.2.2).
//
// It alters no octet, asks no real DNS and reaches no host that its routes do
// not name. What a failure means to the sender is its owner's matter.
package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"time"

	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// Route is where mail for a domain goes: the simulated MX.
type Route struct {
	Host     string // name of the destination: provider name or host name
	Address  string // host:port
	TLSName  string // name that its certificate must bear
	Provider bool   // a certified e-mail provider: TLS is required (RFC 6109 5.3)
}

// Routes finds routes. Domains are compared without regard to case.
type Routes interface {
	// Route answers at once, without asking anybody. Mail for domains of the same
	// Host goes together.
	Route(domain string) (Route, bool)
}

// Asking are routes that have to be asked for before mail can go, such as MX
// records of a name server.
type Asking interface {
	Routes
	// Resolve finds where mail for the domain goes now: the first route, and those
	// to try when it cannot be reached. An error that wraps ErrNoRoute says that
	// nobody receives mail for it; after any other one the search is tried again.
	Resolve(ctx context.Context, domain string) ([]Route, error)
}

// ErrNoRoute says that no host receives mail for a domain.
var ErrNoRoute = errors.New("no route")

// Resolve finds where mail for a domain goes by routes of either sort, as
// Asking does.
func Resolve(ctx context.Context, routes Routes, domain string) ([]Route, error) {
	if asking, ok := routes.(Asking); ok {
		return asking.Resolve(ctx, domain)
	}
	if route, known := routes.Route(domain); known {
		return []Route{route}, nil
	}
	return nil, ErrNoRoute
}

// Options of a queue.
type Options struct {
	Name   string // of the host, as its exchanges name it
	Hello  string // its host name
	Store  store.Store
	Clock  clock.Clock
	Routes Routes
	TLS    *tls.Config // roots for the other hosts' certificates; ServerName is set by route

	Lifetime    time.Duration // after which a message is given up; default 24 h of legal time
	Connections int           // at the same time per destination; default 2
	Timeout     time.Duration // for one exchange, in real time; default 1 minute
	History     int           // exchanges remembered; default 10,000, the oldest go first
	// Drain is how long transactions that are under way when the queue is closed
	// have to end, in real time; default 3 s.
	Drain time.Duration
	// Sessions is where what was said is written down; nil: nowhere.
	Sessions *history.Record

	// FallBack sends in clear where TLS fails, and Stubborn tries again what was
	// refused for good: both only to play a faulty host.
	FallBack, Stubborn bool

	// Outcome is told how each attempt ended. It may submit more mail, through In.
	// What it writes to tx is kept together with the end of the attempt, so that
	// neither is done twice when the process dies in between.
	Outcome func(tx store.Tx, o Outcome)
}

// Message is what is handed to the queue.
type Message struct {
	ReversePath string
	Recipients  []string
	Octets      []byte
	// About is the submitter's own note on the message; outcomes bear it.
	About []byte
	// After keeps it back for this much legal time.
	After time.Duration
}

// Outcome is how an attempt ended for the recipients of one destination.
type Outcome struct {
	At          time.Time
	Host        string // destination; "" when the domain has no route
	ReversePath string
	Octets      []byte
	About       []byte
	Accepted    []string
	Failed      map[string]*smtp.Reply // given up for good, and why
	Retried     []string               // will be tried again
	Why         string                 // they have to be, in the words of the last refusal or failure
}

// Exchange is one SMTP transaction with another host, as it was carried out.
type Exchange struct {
	From        string    `json:"from"`
	To          string    `json:"to"`
	At          time.Time `json:"at"`
	TLS         bool      `json:"tls"`
	ReversePath string    `json:"reversePath"`
	Recipients  []string  `json:"recipients"` // every RCPT TO
	SHA256      string    `json:"sha256"`     // of the octets after DATA
	Code        int       `json:"code"`       // of the last reply
}

// Retry delays, in legal time. The first ones are short enough to belong to
// the transaction that is under way, and cost whoever settles next to nothing;
// see Horizon.
var delays = []time.Duration{
	50 * time.Millisecond, 150 * time.Millisecond, time.Minute,
	5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
}

// Horizon separates what is still under way from what merely waits, for whoever
// settles in real time: a message whose next attempt is nearer than this counts
// as work, so that settling outlasts a hiccup but not a host that is down.
const Horizon = time.Second

// noRoute is the reply for a recipient whose domain nobody serves.
func noRoute(domain string) *smtp.Reply {
	return smtp.Refuse(550, 5, 1, 2, "no host receives mail for "+domain)
}

func expired(lifetime time.Duration, last string) *smtp.Reply {
	return smtp.Refuse(554, 5, 4, 7, "not taken within "+lifetime.String()+": "+last)
}
