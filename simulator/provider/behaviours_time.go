package provider

import (
	"slices"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/journal"
)

// The named behaviours of the watch over deadlines.

// firstNotice and secondNotice are when notices are due, from the dispatch.
func (p *Provider) firstNotice(w *watched) time.Duration {
	after := firstNotice
	switch {
	case p.c.Faults.On("first-notice-early"):
		after = 11 * time.Hour
	case p.c.Faults.On("first-notice-late"):
		after = 14 * time.Hour
	}
	return p.inHoursOf(w, after)
}

func (p *Provider) secondNotice(w *watched) time.Duration {
	after := secondNotice
	switch {
	case p.c.Faults.On("second-notice-early"):
		after = 21 * time.Hour
	case p.c.Faults.On("second-notice-late"):
		after = 25 * time.Hour
	}
	return p.inHoursOf(w, after)
}

// inHoursOf is a time of the deadlines, counted in the hours that one message
// is given: of sixty minutes each. They are settled when the watch begins, or is
// taken up again.
func (p *Provider) inHoursOf(w *watched, after time.Duration) time.Duration {
	if w.hour == 0 {
		m := faults.Matter{Sender: w.Facts.Sender, Recipients: addresses(w.Facts.Recipients), Subject: compose.DecodeSubject(w.Facts.Subject)}
		w.hour = p.c.Faults.About(m).Hour()
	}
	return time.Duration(float64(after) * w.hour.Hours())
}

// waitsForOrdinary tells whether ordinary recipients are waited for: they
// answer nothing.
func (p *Provider) waitsForOrdinary() bool { return p.c.Faults.On("waits-for-ordinary-recipients") }

// watches tells whether one more message is waited for, beside so many others:
// however many there are.
func (p *Provider) watches(others int) bool { return others < 10 || !p.c.Faults.On("watches-ten") }

// takenBy notes in a watch who was taken in charge: those that the receipt
// names, who are told nothing after twelve hours and go on being waited for.
func (p *Provider) takenBy(w *watched, recipients []string) *watched {
	if p.c.Faults.On("charge-ignored") {
		return w
	}
	names := func(r pending) bool {
		return p.c.Faults.On("charge-counts-for-all") ||
			slices.ContainsFunc(recipients, func(address string) bool { return sameAddress(address, r.Address) })
	}
	for i := range w.Pending {
		if names(w.Pending[i]) {
			w.Pending[i].Taken = true
		}
	}
	if p.c.Faults.On("charge-ends-the-wait") {
		w.Pending = slices.DeleteFunc(w.Pending, names)
	}
	return w
}

// ends tells whether a final answer for a recipient ends the wait for another:
// if it is the same one.
func (p *Provider) ends(r pending, recipient string, kind pec.Kind) bool {
	switch {
	case kind == pec.Delivery && p.c.Faults.On("deliveries-ignored"),
		kind != pec.Delivery && p.c.Faults.On("failures-ignored"),
		kind == pec.Delivery && !r.Taken && p.c.Faults.On("delivery-needs-charge"):
		return false
	}
	return sameAddress(r.Address, recipient) || p.c.Faults.On("delivery-counts-for-all")
}

// noticeFor tells whether one more recipient of a message gets its notice, after
// so many others: each of them.
func (p *Provider) noticeFor(others int) bool {
	return others == 0 || !p.c.Faults.On("one-notice-per-message")
}

// resumed is what a restart leaves of a watch: all of it.
func (p *Provider) resumed(w *watched) {
	switch {
	case p.c.Faults.On("restart-forgets-timers"):
		w.Pending = nil
	case p.c.Faults.On("restart-doubles-timers"):
		w.Pending = append(w.Pending, w.Pending...)
	}
}

// untrusted is what a receipt that cannot be trusted does to the watch: nothing.
func (p *Provider) untrusted(a *arrival) {
	c := a.message.Certification
	if a.class != ordinary || c == nil || !p.c.Faults.On("untrusted-receipts-count") {
		return
	}
	switch a.message.Kind {
	case pec.TakenInCharge:
		_ = p.watch.taken(c.Identifier, c.Reception)
	case pec.Delivery, pec.NonDelivery:
		_ = p.watch.closed(c.Identifier, c.Delivery, a.message.Kind)
	}
}

// dropsReceipt tells whether a correct receipt is lost on its way to the user:
// none is, whatever it is about and however late it comes.
func (p *Provider) dropsReceipt(identifier string, at time.Time) bool {
	unknown, late := p.c.Faults.On("unknown-receipts-dropped"), p.c.Faults.On("late-receipts-dropped")
	if !unknown && !late {
		return false
	}
	entries, err := p.journal.Entries()
	if err != nil {
		return false
	}
	i := slices.IndexFunc(entries, func(e journal.Entry) bool { return e.Event == journal.Envelope && e.Identifier == identifier })
	return i < 0 && unknown || i >= 0 && late && at.Sub(entries[i].At) > 24*time.Hour
}

// keepsQuiet tells whether nobody is told of what could not be handed over.
func (p *Provider) keepsQuiet() bool { return p.c.Faults.On("relay-failures-untold") }
