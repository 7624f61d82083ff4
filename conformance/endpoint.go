package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand"
	"slices"
	"sync"
	"time"

	"github.com/collaudo/collaudo/steps"
	"github.com/collaudo/collaudo/steps/reach"
)

// endpoint is a real target: a world that was there before the run and stays
// after it. Its scenarios share its mailboxes and take turns at the providers
// that the harness plays for it, so each takes in only what belongs to it.
type endpoint struct {
	target *steps.Target
	door   *reach.Door
	began  time.Time // the words of a run must not be those of an earlier one: its messages still lie there
	rooms  *steps.Mailroom
	peers  *steps.PeerHouse
	trust  steps.TrustSource
	whole  sync.RWMutex             // for who changes what all share: its clock, a mailbox
	turns  map[string]chan struct{} // of what one scenario at a time can have, by the name that Target.Uses gives
}

// workersAtEndpoint is how many scenarios are played at a time against a target
// that is not ours, unless somebody says otherwise: they mostly wait.
const workersAtEndpoint = 8

// askEndpoint refuses what makes no sense for a real target. Nothing is sent.
func (o *Options) askEndpoint() error {
	if o.Target == nil {
		return nil
	}
	if o.Client != nil {
		return fmt.Errorf("%w: a run judges a mail client or providers, not both", ErrUsage)
	}
	if len(o.Faults) > 0 || o.Personality != "" {
		return fmt.Errorf("%w: --fault and --personality are for simulated providers: a real target has its own", ErrUsage)
	}
	if err := errors.Join(o.Target.Check(), o.checkClaims()); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	o.giveWord()
	if o.Workers == 0 {
		o.Workers = workersAtEndpoint
		if n := o.Target.Reach.Connections; n > 0 {
			o.Workers = min(n, o.Workers)
		}
	}
	return nil
}

// newEndpoint prepares a target without reaching for it; nil for a run without.
func (o *Options) newEndpoint(door *reach.Door) *endpoint {
	if o.Target == nil {
		return nil
	}
	return &endpoint{target: o.Target, door: door, began: o.Now(), turns: map[string]chan struct{}{}}
}

// open signs in to the mailboxes and opens what the harness plays. begins is
// from where the mailboxes are read in a run that is taken up again.
func (e *endpoint) open(ctx context.Context, o Options, begins map[string]steps.MailboxMark) error {
	options := e.equip(steps.Options{Now: o.Now, Begins: begins})
	var err error
	if !e.target.OneScenario { // which may close a mailbox, and open it anew
		e.rooms, err = steps.OpenMailroom(ctx, e.target, options)
	}
	if err == nil {
		e.peers, err = steps.OpenPeerHouse(ctx, e.target, options)
	}
	if err != nil {
		e.close()
		if errors.Is(err, steps.ErrUnreachable) || errors.Is(err, steps.ErrLogin) {
			return fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	for i := range e.target.Peers {
		e.turns[e.target.Peers[i].Name] = make(chan struct{}, 1)
	}
	e.turns[steps.UseDirectoryServers] = make(chan struct{}, 1)
	return nil
}

func (e *endpoint) close() {
	if e.rooms != nil {
		e.rooms.Close()
	}
	if e.peers != nil {
		e.peers.Close()
	}
}

// equip gives the steps what the scenarios of the run share.
func (e *endpoint) equip(o steps.Options) steps.Options {
	o.Patience, o.Door, o.Mailroom, o.Peers, o.Trust = e.target.Patience, e.door, e.rooms, e.peers, &e.trust
	return o
}

// enter waits for a scenario's turn at what it needs for itself. The target as a
// whole comes first, and the rest in the order of its names, so that no two
// scenarios wait for each other.
func (e *endpoint) enter(ctx context.Context, uses []string, alone bool) (leave func(), err error) {
	var undo []func()
	leave = func() {
		for _, u := range slices.Backward(undo) {
			u()
		}
	}
	if alone {
		e.whole.Lock()
		undo = append(undo, e.whole.Unlock)
	} else {
		e.whole.RLock()
		undo = append(undo, e.whole.RUnlock)
	}
	for _, name := range uses {
		turn := e.turns[name]
		select {
		case turn <- struct{}{}:
			undo = append(undo, func() { <-turn })
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		leave()
		return nil, ctx.Err()
	}
	return leave, nil
}

// random is like that of the built-in pair, and differs from run to run: what an
// earlier one sent lies in the mailboxes still.
func (e *endpoint) random(seed int64, id string) *rand.Rand {
	h := fnv.New64a()
	h.Write(fmt.Appendf(nil, "%s %d", id, e.began.UnixNano()))
	return rand.New(rand.NewSource(seed ^ int64(h.Sum64())))
}

// patienceFor bounds one scenario: against the built-in pair by what no scenario
// takes, against a target by how long it asks to be waited for.
func (t *trial) patienceFor(s Scenario) time.Duration {
	bound := cmp.Or(t.options.atMost, patience)
	if t.endpoint == nil {
		return bound
	}
	p := t.options.Target.Patience.Filled()
	return bound + time.Duration(len(s.pickle.Steps))*(p.Settle+p.Connect)
}

// openWorld gives a scenario its world: a fresh pair, or the target that there
// is. uses is what it may have of a target for itself.
func (t *trial) openWorld(ctx context.Context, s Scenario, options *steps.Options) (*world, error) {
	if t.endpoint != nil {
		*options = t.endpoint.equip(*options)
		options.Uses = t.options.Target.Uses(s.start())
		return &world{target: t.options.Target}, nil
	}
	kind, err := worldKindOf(s.Tags)
	if err != nil {
		return nil, err
	}
	w, err := openWorld(ctx, t.shared, kind, append(t.options.manners(), kind.faults...), t.options.Now())
	if err != nil {
		return nil, fmt.Errorf("start the simulated providers: %w", err)
	}
	options.Listeners = w.listeners
	return w, nil
}

// lacks says what a scenario wants and the target does not give.
func (t *trial) lacks(s Scenario) []string {
	if t.endpoint == nil {
		return nil
	}
	return t.options.Target.Lacks(s.start())
}

// enter waits for the scenario's turn, where it has to take turns with others.
func (t *trial) enter(ctx context.Context, s Scenario) (leave func(), err error) {
	if t.endpoint == nil {
		return func() {}, nil
	}
	start := s.start()
	return t.endpoint.enter(ctx, t.options.Target.Uses(start), t.options.Target.Alone())
}

// reach opens the target, if there is one.
func (t *trial) reach(ctx context.Context) error {
	if t.endpoint == nil {
		return nil
	}
	return t.endpoint.open(ctx, t.options, t.begins())
}
