// Package smtp is the SMTP side of a simulated host: a server for submission
// and for the incoming point, on go-smtp, and a small client for the relay that
// alters no octet of what it sends.
//
// It carries mail and decides nothing about it: what is accepted, and what an
// address means, is told by a Handler.
package smtp

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/collaudo/collaudo/simulator/history"
)

// Reply is an SMTP reply. As an error it refuses; nil accepts with 250.
type Reply struct {
	Code     int
	Enhanced [3]int
	Text     string
}

// Error gives the reply as one line.
func (r *Reply) Error() string {
	return fmt.Sprintf("%d %d.%d.%d %s", r.Code, r.Enhanced[0], r.Enhanced[1], r.Enhanced[2], r.Text)
}

// Temporary tells that the same may succeed later (4xx).
func (r *Reply) Temporary() bool { return r.Code/100 == 4 }

// Refuse makes a refusal.
func Refuse(code, class, subject, detail int, text string) *Reply {
	return &Reply{Code: code, Enhanced: [3]int{class, subject, detail}, Text: text}
}

// Peer is who is at the other end of a session.
type Peer struct {
	Address string // ip:port
	Hello   string // argument of EHLO or HELO
	TLS     bool
	Account string // address of the authenticated account; "" when there is none
}

// Transaction is one mail transaction as it stands.
type Transaction struct {
	Peer
	ReversePath string   // without angle brackets; "" for the null one
	Recipients  []string // those accepted, in order; the same may stand twice
	// SHA256 of the octets, in hex, where it is known when they have come; "" else.
	// Large messages are hashed once, not by everybody anew.
	SHA256 string
}

// Handler decides about mail. Methods return nil, a *Reply, or another error,
// which becomes a 451: the server failed, not the client.
type Handler interface {
	// Mail is asked at MAIL FROM. size is what the client declared, or 0.
	Mail(ctx context.Context, t Transaction, size int64) error
	// Recipient is asked at RCPT TO, before the address joins t.Recipients.
	Recipient(ctx context.Context, t Transaction, address string) error
	// Message takes the octets as they came. When it returns nil the client is
	// told 250, so whatever has to survive must be stored by then.
	Message(ctx context.Context, t Transaction, octets []byte) error
}

// Options of a server.
type Options struct {
	Hostname string // in the greeting
	Address  string // to listen on; a free loopback port when empty
	Handler  Handler

	TLS         *tls.Config // needed unless neither TLS nor STARTTLS is offered
	ImplicitTLS bool        // TLS from the first octet; otherwise STARTTLS is announced

	// SignIn says whether a password is right, and gives the account. peer is the
	// host:port from which the client comes. nil: AUTH is not offered.
	SignIn            func(peer, user, password string) (account string, ok bool)
	RequireAccount    bool // MAIL without AUTH is answered 530 (submission)
	AllowClearAccount bool // AUTH without TLS (only to play a faulty provider)

	MaxRecipients  int   // per transaction; default 100
	MaxBytes       int64 // per message, inclusive; 552 above; default 64 MiB
	Idle           time.Duration
	MaxConnections int
	// Drain is how long messages that have begun when the server is closed have to
	// be taken and answered, in real time; default 3 s.
	Drain time.Duration

	// History is where sessions are written down, as those of a service of the
	// host; nil: nowhere.
	History       *history.Record
	Host, Service string
}

func (o Options) withDefaults() Options {
	if o.MaxRecipients <= 0 {
		o.MaxRecipients = 100
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 64 << 20
	}
	if o.Idle <= 0 {
		o.Idle = 5 * time.Minute
	}
	if o.Drain <= 0 {
		o.Drain = 3 * time.Second
	}
	return o
}
