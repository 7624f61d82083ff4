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

	mu           sync.Mutex
	stepText     string // the step being carried out
	submissions  int
	expectations int
	begun        bool
	settled      bool     // nothing was done since things settled last
	latest       []string // submissions of the last sending step
	lastProbe    string
	needles      [][]byte // texts by which infected octets are known

	messages int
	fetched  map[string]map[string]bool // mailbox → UIDVALIDITY/UID already in evidence
	read     map[string]int             // adapter list → entries already in evidence
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
		fetched: map[string]map[string]bool{}, read: map[string]int{},
	}
}

// begin records the world as the harness was told of it, once.
func (w *World) begin() error {
	w.mu.Lock()
	first := !w.begun
	w.begun = true
	w.mu.Unlock()
	if !first {
		return nil
	}
	return w.recorder.Record(evidence.Event{Type: evidence.WorldSeen, World: w.target.world()})
}

// Finish waits until the target has settled, and takes into evidence whatever
// is not yet there: every mailbox, and through the adapter trust, journal,
// quarantine and the transactions between providers. It is to be called after
// the last step, also when a step failed; Then steps have mostly called it
// before, and it then has nothing left to do.
func (w *World) Finish(ctx context.Context) error {
	if err := w.begin(); err != nil {
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
	if err := errors.Join(w.readMailboxes(ctx), w.readAdapter(ctx)); err != nil {
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

// tlsConfig is how the harness meets a service of the target: it trusts who the
// target file names and asks for TLS 1.2 or later. name is what the server's
// certificate must say; empty stands for the host of the address.
func (w *World) tlsConfig(name, address string) (*tls.Config, error) {
	if name == "" {
		name, _, _ = net.SplitHostPort(address)
	}
	config := &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12}
	if w.target.TLS.Authorities != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(w.target.TLS.Authorities)) {
			return nil, fmt.Errorf("target: tls.authorities holds no PEM certificate")
		}
	}
	return config, nil
}
