package steps

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// sendTwin sends the well-formed message that gives the refusals after it
// their meaning. It asks for nothing: whether it was accepted is read from the
// evidence.
func (w *World) sendTwin(ctx context.Context, actor string) error {
	to := string(Bruno)
	if Party(actor) == Bruno {
		to = string(Anna)
	}
	return w.submit(ctx, order{actor: Party(actor), original: "a plain message", to: to, twin: true})
}

func (w *World) send(ctx context.Context, actor, words, receipt, replyTo, to, cc, manner string) error {
	return w.submit(ctx, order{
		actor: Party(actor), original: words, receipt: receipt, replyTo: Party(replyTo), to: to, cc: cc, manner: manner,
	})
}

// submit carries one order out; "it" is then this submission.
func (w *World) submit(ctx context.Context, o order) error {
	s, err := w.prepare(o)
	if err != nil {
		return err
	}
	if err := w.readLives(ctx); err != nil {
		return err
	}
	w.number(s)
	return w.carryOut(ctx, s)
}

// number gives submissions their ids and makes them those that "it" means.
func (w *World) number(all ...*sending) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settled, w.latest = false, nil
	for _, s := range all {
		w.submissions++
		s.record.ID = fmt.Sprintf("s%d", w.submissions)
		w.latest = append(w.latest, s.record.ID)
		w.sent = append(w.sent, sentToken{s.record.ID, s.record.Token})
		w.needles = append(w.needles, needles(s.planted)...)
	}
}

// maxAtOnce bounds sendMany: more is a load test, which this is not.
const maxAtOnce = 200

func (w *World) sendMany(ctx context.Context, actor string, count int, to string, connections int) error {
	if count < 1 || count > maxAtOnce || connections < 1 || connections > count {
		return fmt.Errorf("%d messages over %d connections: expected up to %d, and no more connections than messages", count, connections, maxAtOnce)
	}
	all := make([]*sending, count)
	for i := range all {
		s, err := w.prepare(order{actor: Party(actor), original: "a plain message", to: to})
		if err != nil {
			return err
		}
		all[i] = s
	}
	w.number(all...)
	errs := make([]error, count)
	var group sync.WaitGroup
	for c := range connections {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := c; i < count; i += connections {
				errs[i] = w.carryOut(ctx, all[i])
			}
		}()
	}
	group.Wait()
	return errors.Join(errs...)
}
