package provider

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/store"
)

// watch is the deadlines as an elaboration sees and changes them.
type watch struct {
	*deadlines
	by      *Provider           // through which is written
	changed map[string]*watched // in this transaction, by identifier; an empty one is over. nil outside of transactions
}

// begin watches over an envelope that is about to leave. Ordinary recipients
// answer nothing, so they are not waited for.
func (d watch) begin(facts compose.Facts, at time.Time) error {
	w := &watched{Facts: facts, Sent: at}
	for _, r := range facts.Recipients {
		if r.Certified || d.p.waitsForOrdinary() {
			w.Pending = append(w.Pending, pending{Address: r.Address})
		}
	}
	if len(w.Pending) == 0 {
		return nil
	}
	d.mu.Lock()
	others := len(d.watch)
	d.mu.Unlock()
	if !d.p.watches(others) {
		return nil
	}
	return d.keep(w)
}

// find returns a copy of a watch as it now is, nil when there is none.
func (d watch) find(identifier string) *watched {
	d.mu.Lock()
	defer d.mu.Unlock()
	w, here := d.changed[identifier]
	if !here {
		w = d.watch[identifier]
	}
	if w == nil || len(w.Pending) == 0 {
		return nil
	}
	own := *w
	own.Pending = slices.Clone(w.Pending)
	return &own
}

// taken notes that a provider has taken these recipients in charge: nobody
// else of the same message.
func (d watch) taken(identifier string, recipients []string) error {
	w := d.find(identifier)
	if w == nil {
		return nil
	}
	return d.keep(d.p.takenBy(w, recipients))
}

// closed notes a final answer for a recipient: a delivery, or a failure.
func (d watch) closed(identifier, recipient string, kind pec.Kind) error {
	w := d.find(identifier)
	if w == nil {
		return nil
	}
	w.Pending = slices.DeleteFunc(w.Pending, func(r pending) bool { return d.p.ends(r, recipient, kind) })
	return d.keep(w)
}

// keep saves a watch, or ends it when nobody is waited for. Whoever changes one
// that others may change has claimed its identifier.
func (d watch) keep(w *watched) error {
	id := w.Facts.Identifier
	if len(w.Pending) == 0 {
		d.by.c.Store.DropWork(deadlinesQueue, id)
	} else {
		data, err := json.Marshal(w)
		if err != nil {
			return err
		}
		if err := d.by.c.Store.PutWork(store.Work{Queue: deadlinesQueue, ID: id, Data: data}); err != nil {
			return err
		}
	}
	if d.changed != nil {
		d.changed[id] = w
	}
	d.by.afterwards(func() { d.set(w) })
	return nil
}

// tell sends what one watch owes. It returns the watch as it then is.
func (d watch) tell(identifier string, now time.Time) *watched {
	d.by.claim(identifier)
	w := d.find(identifier)
	if w == nil || d.due(w).After(now) { // an answer came meanwhile
		return nil
	}
	notices, err := d.collect(w, now)
	errs := []error{err, d.keep(w)}
	for _, n := range notices {
		errs = append(errs, d.by.emit(n))
	}
	if err := errors.Join(errs...); err != nil {
		d.by.note(journal.Entry{At: now, Event: journal.Discarded, Issuer: d.p.identity.Name, Detail: err.Error()})
	}
	return w
}
