package provider

import (
	"maps"

	"github.com/collaudo/collaudo/simulator/relay"
	"github.com/collaudo/collaudo/simulator/store"
)

// sender is what messages are handed to that leave by SMTP.
type sender interface {
	Submit(relay.Message) error
}

// together runs f with a provider whose every write (mailboxes, spool, log,
// relay, watch) is kept at once when f has returned nil, and otherwise not at
// all: an elaboration is done or is not done, whenever the process dies. Within
// another one it is a part that can fail alone.
//
// Nothing is locked while f runs. Whoever changes what an other elaboration may
// be changing claims it first; what belongs to memory only is done afterwards.
func (p *Provider) together(f func(p *Provider) error) error {
	return p.c.Store.Together(func(tx store.Tx) error { return p.in(tx, f) })
}

// in runs f with the provider within a transaction: a copy of it that writes
// there.
func (p *Provider) in(tx store.Tx, f func(p *Provider) error) error {
	within := *p
	within.tx, within.c.Store = tx, tx
	within.journal, within.relay = p.journal.In(tx), p.queue.In(tx)
	within.watch = watch{deadlines: p.watch.deadlines, by: &within, changed: map[string]*watched{}}
	maps.Copy(within.watch.changed, p.watch.changed)
	if err := f(&within); err != nil {
		return err
	}
	if p.tx != nil { // a part of it, which succeeded
		p.watch.changed = within.watch.changed
	}
	return nil
}

// afterwards runs f when what was written is kept; at once outside of a
// transaction. f must be short and write nothing.
func (p *Provider) afterwards(f func()) {
	if p.tx == nil {
		f()
		return
	}
	p.tx.Afterwards(f)
}

// claim keeps other elaborations of the same message away until the end of the
// transaction. It comes first, and a transaction makes one only: so nobody waits
// in a circle.
func (p *Provider) claim(message string) { p.tx.Finally(p.claims.hold(message)) }
