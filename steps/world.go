package steps

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// Options are what a scenario is driven with.
type Options struct {
	Now      func() time.Time // legal time of the run
	Random   *rand.Rand       // source of the tokens; a seed gives the same ones again
	Patience Patience
	// Listeners are already open, by the address that the target description
	// names for what the harness plays (the incoming point of a peer, a file
	// server); an address without one is opened when it is needed.
	Listeners map[string]net.Listener
	// Client is the mail client under test; nil where providers are.
	Client *ClientBench
}

// Patience says how long the harness waits for the target, in real time.
type Patience struct {
	Settle time.Duration // until everything sent has had its effect; default 60 s
	Quiet  time.Duration // without an adapter: how long nothing may arrive before things count as settled; default 2 s
}

// World is one scenario being driven against one target. It serves one
// scenario and is then thrown away.
type World struct {
	target   *Target
	recorder *evidence.Scenario
	options  Options

	peers    map[string]*incomingPoint // by name of the peer; open from the first step to the end
	sessions tls.ClientSessionCache    // of TLS, so that the second look at a mailbox is cheap

	mu           sync.Mutex
	offset       time.Duration // by which legal time was moved on
	moving       func()        // asks the world for its time; nil while it is not being moved on
	stepText     string        // the step being carried out
	submissions  int
	expectations int
	begun        bool
	settled      bool     // nothing was done since things settled last
	latest       []string // submissions of the last sending step
	lastProbe    string
	needles      [][]byte // texts by which infected octets are known

	dispatches   int
	lastDispatch *dispatching
	own          []ownMessage // what the harness sent as a provider
	sent         []sentToken  // submissions, by the word in their subject

	messages int
	fetched  map[string]map[string]bool // mailbox → UIDVALIDITY/UID already in evidence
	read     map[string]listRead        // adapter list → entries already in evidence

	lastSent    sentLast    // what "the sending" and "the message" mean
	readings    int         // of directories
	lastReading string      // id of the last one
	revoked     []string    // certificates that this scenario had revoked, PEM
	registries  []*registry // directory servers that the harness plays; open from the first step to the end

	clientReady     bool // its files are written
	clientRuns      int
	clientStandings int
	clientSendings  []clientSent
	clientReceived  clientSent // what Bruno wrote to the client last
	lastSession     int64      // in the history of the world, as far as it is known

	lives map[string]evidence.MailboxLife // last known, by address, of mailboxes whose lives matter here
	shut  map[string]bool                 // of those: whether the last look into it was refused
}

// New prepares a scenario. The target must have passed Check.
func New(target *Target, recorder *evidence.Scenario, options Options) *World {
	if options.Patience.Settle <= 0 {
		options.Patience.Settle = time.Minute
	}
	if options.Patience.Quiet <= 0 {
		options.Patience.Quiet = 2 * time.Second
	}
	return &World{
		target: target, recorder: recorder, options: options,
		fetched: map[string]map[string]bool{}, read: map[string]listRead{},
		sessions: tls.NewLRUClientSessionCache(64),
	}
}

// now is legal time: that of the run, moved on by what the steps moved it, or
// what the world says while it is being moved on.
func (w *World) now() time.Time {
	w.mu.Lock()
	moving := w.moving
	w.mu.Unlock()
	if moving != nil {
		moving()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.options.Now().Add(w.offset)
}

// begin records the world as the harness was told of it, once.
func (w *World) begin(ctx context.Context) error {
	w.mu.Lock()
	first := !w.begun
	w.begun = true
	w.mu.Unlock()
	if !first {
		return nil
	}
	if err := w.openPeers(ctx); err != nil {
		return err
	}
	if err := w.adoptClock(ctx); err != nil {
		return err
	}
	w.recorder.UseClock(w.now)
	if err := w.recorder.Record(evidence.Event{Type: evidence.WorldSeen, World: w.target.world()}); err != nil {
		return err
	}
	return w.openRegistries(ctx)
}

// Finish waits until the target has settled, and takes into evidence whatever
// is not yet there: every mailbox, and through the adapter trust, journal,
// quarantine and the transactions between providers. It is to be called after
// the last step, also when a step failed; Then steps have mostly called it
// before, and it then has nothing left to do.
func (w *World) Finish(ctx context.Context) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	w.mu.Lock()
	done := w.settled
	w.mu.Unlock()
	if done {
		return nil
	}
	settled, err := w.waitUntilSettled(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(w.readPeers(), w.readLives(ctx), w.readMailboxes(ctx), w.readAdapter(ctx), w.registryTrouble()); err != nil {
		return err
	}
	if settled {
		if err := w.recorder.Record(evidence.Event{Type: evidence.SettledSeen}); err != nil {
			return err
		}
	}
	w.mu.Lock()
	w.settled = true
	w.mu.Unlock()
	return nil
}

// sentToken ties a submission to the word in its subject.
type sentToken struct{ id, token string }

// disturbed says that something was done whose effects are yet to be seen.
func (w *World) disturbed() {
	w.mu.Lock()
	w.settled = false
	w.mu.Unlock()
}

const tokenLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// token makes the word that ties answers to a submission.
func (w *World) token() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var b strings.Builder
	b.WriteString("COL-")
	for range 10 {
		b.WriteByte(tokenLetters[w.options.Random.Intn(len(tokenLetters))])
	}
	return b.String()
}

// quickCurves leave out the hybrid key exchanges of late: they take longer than
// the rest of a handshake, a scenario makes dozens, and what a test sends is no
// secret that has to last.
var quickCurves = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}

// tlsConfig is how the harness meets a service of the target: it trusts who the
// target file names and asks for TLS 1.2 or later. name is what the server's
// certificate must say; empty stands for the host of the address.
func (w *World) tlsConfig(name, address string) (*tls.Config, error) {
	if name == "" {
		name, _, _ = net.SplitHostPort(address)
	}
	config := &tls.Config{
		ServerName: name, MinVersion: tls.VersionTLS12, Time: w.now,
		ClientSessionCache: w.sessions, CurvePreferences: quickCurves,
	}
	if w.target.TLS.Authorities != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(w.target.TLS.Authorities)) {
			return nil, fmt.Errorf("target: tls.authorities holds no PEM certificate")
		}
	}
	return config, nil
}
