package steps

import (
	"context"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// Without a white box nobody says when everything has had its effect. What then
// counts as settled: nothing came for a while, and of nothing that was sent an
// outcome may still be on its way; what was not seen when its patience is over
// is taken not to come. That what could come has come is no reason to stop
// before the silence.

// Defaults of Patience.
const (
	defaultConnect    = 20 * time.Second
	defaultSettle     = time.Minute
	defaultQuiet      = 2 * time.Second
	defaultAcceptance = 30 * time.Second
	defaultDelivery   = time.Minute
)

// Filled is the patience with its defaults.
func (p Patience) Filled() Patience {
	for _, part := range []struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&p.Connect, defaultConnect},
		{&p.Quiet, defaultQuiet},
		{&p.Acceptance, defaultAcceptance},
		{&p.Delivery, defaultDelivery},
	} {
		if *part.value <= 0 {
			*part.value = part.standard
		}
	}
	if p.Settle <= 0 {
		p.Settle = max(defaultSettle, p.waits())
	}
	return p
}

// waits is how long what may be missing is waited for without a white box: no
// less than that is the whole patience.
func (p Patience) waits() time.Duration { return p.Acceptance + p.Delivery + p.Quiet }

// waitUntilQuiet waits without a white box.
func (w *World) waitUntilQuiet(ctx, limit context.Context) (bool, error) {
	if w.hasSentNothing() {
		return true, w.readMailboxes(ctx)
	}
	before, since := -1, time.Now()
	pause := min(250*time.Millisecond, max(w.options.Patience.Quiet/4, 20*time.Millisecond))
	for {
		began := time.Now() // of the waiting budget, no legal time
		asOf := w.now().Add(-w.options.Mailroom.age())
		if err := w.readMailboxes(ctx); err != nil {
			return false, err
		}
		if err := w.readPeers(); err != nil {
			return false, err
		}
		if seen := w.seen(); seen != before {
			before, since = seen, began
		} else if began.Sub(since) >= w.options.Patience.Quiet && !w.owed(asOf) {
			w.quietAt(asOf)
			return true, nil
		}
		select {
		case <-limit.Done():
			w.quietAt(asOf)
			return !w.owed(asOf), ctx.Err() // the whole patience is over: absence counts where it was waited for
		case <-time.After(pause):
		}
	}
}

// quietAt remembers the instant of the look after which nothing more was owed.
func (w *World) quietAt(asOf time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.quiet = asOf
}

// hasSentNothing tells that nothing can come, because nothing went out.
func (w *World) hasSentNothing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.handed) == 0 && w.dispatches == 0
}

func (w *World) seen() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.messages
}

// outcome is what was seen so far of one submission.
type outcome struct {
	answered bool            // accepted or refused
	reached  map[string]bool // recipients about whom something was heard, or that have it
}

// trace notes what a message in evidence says of the submission it belongs to.
func (w *World) trace(mailbox string, m *pec.Message) {
	id := w.submissionOf(m)
	if id == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.outcomes == nil {
		w.outcomes = map[string]*outcome{}
	}
	o := w.outcomes[id]
	if o == nil {
		o = &outcome{reached: map[string]bool{}}
		w.outcomes[id] = o
	}
	switch m.Kind {
	case pec.Acceptance, pec.NonAcceptance:
		o.answered = true
	case pec.Delivery, pec.NonDelivery:
		if m.Certification != nil {
			o.reached[strings.ToLower(strings.TrimSpace(m.Certification.Delivery))] = true
		}
	case pec.TransportEnvelope, pec.AnomalyEnvelope:
		if w.target.providerAt(mailbox) == nil { // with a provider the receipt is what is owed
			o.reached[strings.ToLower(mailbox)] = true
		}
	}
}

// owed tells that something may still come of what was sent, by the patience
// that the target asks for and by what was there at an instant: what the
// mailboxes were not looked at for since is no absence.
func (w *World) owed(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.handed {
		if s.Accepted() && w.owes(s, now) {
			return true
		}
	}
	return w.owesDispatches(now)
}

// owes tells it of one submission; mu is held.
func (w *World) owes(s evidence.Submission, now time.Time) bool {
	waited := now.Sub(s.Ended)
	o := w.outcomes[s.ID]
	if s.Account != "" && (o == nil || !o.answered) {
		return waited < w.options.Patience.Acceptance
	}
	if waited >= w.options.Patience.Delivery {
		return false
	}
	for _, r := range s.Recipients {
		if r.Reply.OK() && !w.heardOf(o, r.Address) {
			return true
		}
	}
	return false
}

// heardOf tells that a recipient has an outcome, or that none can be seen; mu
// is held.
func (w *World) heardOf(o *outcome, address string) bool {
	if o != nil && o.reached[strings.ToLower(address)] {
		return true
	}
	if w.target.providerAt(address) != nil {
		return false
	}
	if peer := w.target.peerAt(address); peer != nil {
		p := w.peers[peer.Name]
		return p == nil || p.called()
	}
	return !w.readable(address)
}

// called tells that the target came to the peer since the scenario has it.
func (p *incomingPoint) called() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.visits > 0
}
