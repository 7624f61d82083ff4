package console

import (
	"fmt"
	"testing"

	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/journal"
)

// BenchmarkLook measures what each change of a busy world costs its console:
// ten thousand exchanges in the logs.
func BenchmarkLook(b *testing.B) {
	w := &fake{now: noon}
	for i := range 10_000 {
		id, to := fmt.Sprintf("pec%d@gestore.aurora.example", i), []string{bruno}
		for _, e := range []struct{ provider, event string }{
			{aurora, journal.Envelope},
			{aurora, journal.Acceptance},
			{aurora, journal.Relayed},
			{aurora, journal.ReceiptArrived},
			{borea, journal.TakenInCharge},
			{borea, journal.Stored},
			{borea, journal.Delivery},
		} {
			w.lines = append(w.lines, LogLine{e.provider, journal.Entry{
				At: noon, Event: e.event, Identifier: id, Sender: anna, Recipients: to, Related: []string{"<" + e.event + id + ">"},
			}})
		}
	}
	o := &observer{world: silent{w}, events: events.NewRecord(0), known: &summaries{}}
	for b.Loop() {
		if s, err := o.take(); err != nil || len(s.exchanges) != 10_000 {
			b.Fatal(err)
		}
	}
}

// silent is a world without accounts.
type silent struct{ *fake }

func (silent) Accounts() ([]Account, error) { return nil, nil }
