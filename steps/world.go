package steps

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/steps/reach"
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
	// Mailroom reads the mailboxes of a target whose scenarios share them; nil:
	// the scenario has the target to itself.
	Mailroom *Mailroom
	// Peers keeps the incoming points of a target whose scenarios take turns at
	// them; nil: the scenario opens its own. Uses is what this one may have: what
	// Target.Uses said.
	Peers *PeerHouse
	Uses  []string
	// Trust is read once for all scenarios that are driven at a time; nil: each
	// reads it for itself.
	Trust *TrustSource
	// Begins says from where shared mailboxes are read, by address, in a run that
	// is taken up again; one that is not named is read from where it ends.
	Begins map[string]MailboxMark
	// Client is the mail client under test; nil where providers are.
	Client *ClientBench
	// Door is how everything goes out; nil: to this machine only.
	Door *reach.Door
}

// Patience says how long the harness waits for the target, in real time. In a
// target file each is a text such as "90s".
type Patience struct {
	Connect    time.Duration `yaml:"connect,omitempty" json:"connect,omitzero"`       // until a service answers a connection; default 20 s
	Acceptance time.Duration `yaml:"acceptance,omitempty" json:"acceptance,omitzero"` // without a white box: until what was submitted is accepted or refused; default 30 s
	Delivery   time.Duration `yaml:"delivery,omitempty" json:"delivery,omitzero"`     // without a white box: until each recipient's receipt is there; default 60 s
	Quiet      time.Duration `yaml:"quiet,omitempty" json:"quiet,omitzero"`           // without a white box: how long nothing may arrive before things count as settled; default 2 s
	Settle     time.Duration `yaml:"settle,omitempty" json:"settle,omitzero"`         // until everything sent has had its effect, at the longest; default 60 s, or acceptance, delivery and quiet together if that is more
}

// World is one scenario being driven against one target. It serves one
// scenario and is then thrown away.
type World struct {
	target   *Target
	recorder *evidence.Scenario
	options  Options

	peers    map[string]*incomingPoint // by name of the peer; open from the first step to the end
	web      *http.Client              // for white box and client; it goes through the door
	sessions tls.ClientSessionCache    // of TLS, so that the second look at a mailbox is cheap

	mu           sync.Mutex
	offset       time.Duration         // by which legal time was moved on
	moving       func()                // asks the world for its time; nil while it is not being moved on
	stepText     string                // the step being carried out
	step         int                   // its number in the scenario, from 0
	suspension   *evidence.Suspension  // what the scenario waits for; nil: nothing
	restored     bool                  // begun by an earlier process
	handed       []evidence.Submission // carried out so far
	taken        map[string][]*takenIn // by peer, before this process
	submissions  int
	expectations int
	begun        bool
	settled      bool     // nothing was done since things settled last
	latest       []string // submissions of the last sending step
	lastProbe    string
	needles      [][]byte // texts by which infected octets are known

	dispatches   int
	lastDispatch *dispatching
	own          []ownMessage        // what the harness sent as a provider
	sent         []sentToken         // submissions, by the word in their subject
	outcomes     map[string]*outcome // by id of the submission
	awaited      []awaited           // dispatches that were accepted
	heard        map[string]heard    // by what awaited.key says: what came of them
	absence      bool                // a step waits for something not to come
	quiet        time.Time           // as of when silence said last that things have settled; legal time
	cut          [][2]string         // providers between whom the network is cut
	heal         func([2]string) error
	words        []string // by which a message in a shared mailbox is known to belong to the scenario

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

	said dialogues // beside those of submissions and probes
}

// New prepares a scenario. The target must have passed Check.
func New(target *Target, recorder *evidence.Scenario, options Options) *World {
	options.Patience = options.Patience.Filled()
	return &World{
		target: target, recorder: recorder, options: options,
		fetched: map[string]map[string]bool{}, read: map[string]listRead{},
		web: options.Door.HTTP(nil), sessions: tls.NewLRUClientSessionCache(64),
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
	if w.restored {
		w.mayHeal(ctx)
		return errors.Join(w.restorePeers(), w.openRegistries(ctx))
	}
	if err := w.recorder.Record(evidence.Event{Type: evidence.WorldSeen, World: w.target.world()}); err != nil {
		return err
	}
	return errors.Join(w.skipInside(ctx), w.openRegistries(ctx))
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

const (
	tokenLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	tokenLength  = 10
)

// token makes the word that ties answers to a submission.
func (w *World) token() string {
	w.mu.Lock()
	var b strings.Builder
	for range tokenLength {
		b.WriteByte(tokenLetters[w.options.Random.Intn(len(tokenLetters))])
	}
	w.mu.Unlock()
	w.addWord(b.String())
	return tokenMark + b.String()
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
