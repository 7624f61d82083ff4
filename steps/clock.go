package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// Legal time moves in slices while something sent is still young: between two
// slices the providers that the harness plays give their answers, which the
// target's own settling does not wait for. Later nothing is owed any more, and
// the rest goes in one.
const (
	clockSlice  = time.Hour
	slicedUntil = 2 * 24 * time.Hour
)

// clockAnswer is what the adapter says about the target's clock.
type clockAnswer struct {
	Now       time.Time `json:"now"`
	Steppable bool      `json:"steppable"` // legal time is the world's own, and can be moved on
}

// adoptClock makes the world's legal time that of the harness, where the world
// has one of its own. A target on real time keeps the harness's clock: whether
// the two agree is for the judges to see.
func (w *World) adoptClock(ctx context.Context) error {
	if !w.target.WhiteBox.given() {
		return nil
	}
	var answer clockAnswer
	if err := w.ask(ctx, "/v1/clock", nil, &answer); err != nil {
		return offered(err)
	}
	if answer.Steppable {
		w.showTime(answer.Now)
	}
	return nil
}

// sameClock is the difference up to which two clocks are taken for one: the
// world ticks with the run's clock unless it starts at another date.
const sameClock = time.Second

// showTime makes legal time what the world says. The answer has travelled, so
// the harness is behind by that much and never ahead.
func (w *World) showTime(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	offset := now.Sub(w.options.Now())
	if difference := offset - w.offset; difference.Abs() >= sameClock {
		w.offset = offset
	}
}

// pass moves legal time on by what the words say.
func (w *World) pass(ctx context.Context, words string) error {
	span, err := parseSpan(words)
	if err != nil {
		return err
	}
	if over, err := w.arrive(); over {
		return err
	}
	until := func() time.Time { return span.after(w.now()) }
	if err := w.comeToRest(ctx); errors.Is(err, errNotOffered) {
		return w.waitFor(ctx, words, until)
	} else if err != nil {
		return err
	}
	return w.moveTo(ctx, until())
}

// passAfterSending moves legal time to so long after the end of the last
// transaction that the harness carried out.
func (w *World) passAfterSending(ctx context.Context, words string) error {
	span, err := parseSpan(words)
	if err != nil {
		return err
	}
	w.mu.Lock()
	sent := w.lastSent
	w.mu.Unlock()
	if sent.ended.IsZero() {
		return errors.New("the step speaks of a sending, but nothing has been sent in this scenario")
	}
	if over, err := w.arrive(); over {
		return err
	}
	until := func() time.Time { return span.after(sent.ended) }
	if err := w.comeToRest(ctx); errors.Is(err, errNotOffered) {
		return w.waitFor(ctx, words, until)
	} else if err != nil {
		return err
	}
	return w.moveTo(ctx, until())
}

// moveTo moves legal time on until an instant, lets everything happen that
// falls due on the way, and records the move.
func (w *World) moveTo(ctx context.Context, until time.Time) error {
	began := w.now()
	if !until.After(began) {
		return fmt.Errorf("legal time does not go back: it is %s, and the step asks for %s", began.Format(time.RFC3339), until.Format(time.RFC3339))
	}
	for now := began; now.Before(until); now = w.now() {
		by := until.Sub(now)
		if len(w.target.Peers) > 0 && now.Sub(began) < slicedUntil {
			by = min(by, clockSlice)
		}
		if err := w.advance(ctx, by); err != nil {
			return err
		}
	}
	return w.recorder.Record(evidence.Event{Type: evidence.ClockMoved, Clock: &evidence.ClockMove{
		By: until.Sub(began), Now: w.now().UTC(),
	}})
}

// advance asks for one move and waits for its effects, those on the peers that
// the harness plays included.
func (w *World) advance(ctx context.Context, by time.Duration) error {
	if err := w.move(ctx, by); err != nil {
		return err
	}
	return w.comeToRest(ctx)
}

func (w *World) move(ctx context.Context, by time.Duration) error {
	w.disturbed()
	w.follow(ctx)
	var answer clockAnswer
	err := w.tell(ctx, "/v1/clock/advance", map[string]string{"by": by.String()}, &answer)
	w.followNoMore()
	if errors.Is(err, errNotOffered) {
		return fmt.Errorf("the target offers no way to move its clock: %w", err)
	}
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.offset = answer.Now.Sub(w.options.Now())
	w.mu.Unlock()
	return nil
}

// follow has now ask the world, for as long as it is being moved on: what the
// harness plays meanwhile happens at instants that only the world knows.
func (w *World) follow(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moving = func() {
		var answer clockAnswer
		if err := w.ask(ctx, "/v1/clock", nil, &answer); err != nil {
			return // the last known time is the best that can be said
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if offset := answer.Now.Sub(w.options.Now()); w.moving != nil {
			w.offset = max(w.offset, offset)
		}
	}
}

func (w *World) followNoMore() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moving = nil
}

// comeToRest lets target and peers finish what they are at, and no more: a move by
// nothing ends when nothing is under way. Unlike settling it does not wait in
// real time for what falls due soon, a retry for instance; the next move
// brings that about.
func (w *World) comeToRest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.options.Patience.Settle)
	defer cancel()
	for before := int64(-1); ; {
		now, err := w.peersIdle(ctx)
		if err != nil {
			return fmt.Errorf("time cannot be moved on before the providers that the harness plays have answered: %w", err)
		}
		if now == before {
			return nil
		}
		before = now
		if err := w.move(ctx, 0); err != nil {
			return err
		}
	}
}

// settleFully waits until nothing is under way; time must not move on before.
func (w *World) settleFully(ctx context.Context) error {
	settled, err := w.waitUntilSettled(ctx)
	if err != nil {
		return err
	}
	if !settled {
		return fmt.Errorf("the target did not come to rest within %v: time cannot be moved on", w.options.Patience.Settle)
	}
	return nil
}

// sentLast is what later steps ask about the last transaction.
type sentLast struct {
	ended     time.Time // legal time of the reply to the final dot
	account   string    // who signed in, "" for nobody
	provider  string    // whom it was given to
	messageID string    // as the header has it, with brackets
}

// restart has a provider stopped and started again on what it has stored.
func (w *World) restart(ctx context.Context, party string) error {
	provider, err := w.target.providerOf(Party(party))
	if err != nil {
		return err
	}
	// What our own providers are about to answer would find the door closed, and
	// that is no matter of the target's.
	if err := w.comeToRest(ctx); err != nil {
		return err
	}
	w.disturbed()
	err = w.tell(ctx, "/v1/providers/restart", map[string]string{"provider": provider.Name}, nil)
	if errors.Is(err, errNotOffered) {
		return errors.New("the target offers no way to restart a provider: the adapter needs POST /v1/providers/restart")
	}
	if err != nil {
		return err
	}
	return w.recorder.Record(evidence.Event{Type: evidence.Restarted, Restart: &evidence.Restart{
		Provider: provider.Name, At: w.now().UTC(),
	}})
}

// statusOK tells the answers that mean that what was asked has been done.
func statusOK(code int) bool { return code >= http.StatusOK && code < http.StatusMultipleChoices }
