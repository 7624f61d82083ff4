package reports

import (
	"slices"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/rules"
)

// measures are what one scenario shows of the service levels of article 12 of
// the decree: they are facts, and no judge depends on them.
type measures struct {
	Acceptance, Delivery []time.Duration // from the end of the submission to the receipt in the sender's mailbox
	Recipients           int             // most of one accepted message
	Total                int64           // largest size times recipients that was accepted, in octets
}

// measure looks at the submissions that were accepted. view is nil when the
// scenario cannot be read.
func measure(c *evidence.Case, view *rules.View) measures {
	var m measures
	if view == nil {
		return m
	}
	for _, t := range view.Transactions {
		accepted := t.In(t.ReversePath, pec.Acceptance)
		if t.Dispatch != nil || !t.Accepted() || len(accepted) == 0 || len(t.OfKind(pec.NonAcceptance)) > 0 {
			continue
		}
		m.Recipients = max(m.Recipients, len(t.Recipients))
		m.Total = max(m.Total, t.Size*int64(len(t.Recipients)))
		if delayedOnPurpose(c) {
			continue
		}
		m.Acceptance = append(m.Acceptance, after(t, accepted)...)
		m.Delivery = append(m.Delivery, after(t, t.In(t.ReversePath, pec.Delivery))...)
	}
	return m
}

// after is how long after the submission the messages were there. Mailboxes date
// to the second, so the end of the submission is taken to the second too.
func after(t *rules.Transaction, messages []*rules.Message) []time.Duration {
	var list []time.Duration
	for _, m := range messages {
		list = append(list, m.Delivered.Sub(t.Ended.Truncate(time.Second)))
	}
	return list
}

// delayedOnPurpose tells that the delays of a scenario are made by it and say
// nothing of the system.
func delayedOnPurpose(c *evidence.Case) bool {
	return len(c.ClockMoves)+len(c.Restarts)+len(c.NetworkChanges)+len(c.Intakes)+len(c.Earlier) > 0 || c.Suspension != nil
}

// spread is how a number of durations lie.
type spread struct{ median, most, longest time.Duration }

// spreadOf gives the median, the time in which 95 % are done (both by nearest
// rank: they are times that were measured) and the longest. The list must not be
// empty, and is sorted.
func spreadOf(list []time.Duration) spread {
	slices.Sort(list)
	rank := func(percent int) time.Duration { return list[(len(list)*percent+99)/100-1] }
	return spread{rank(50), rank(95), list[len(list)-1]}
}

// times are the times measured over all scenarios.
func (m *dossierMaker) times() []timeLine {
	var acceptance, delivery []time.Duration
	for _, s := range m.result.Scenarios {
		if e := m.story.Scenarios[s.ID]; e != nil {
			acceptance = append(acceptance, e.Measured.Acceptance...)
			delivery = append(delivery, e.Measured.Delivery...)
		}
	}
	var lines []timeLine
	for _, of := range []struct {
		key  string
		list []time.Duration
	}{{"dossier.time-acceptance", acceptance}, {"dossier.time-delivery", delivery}} {
		if len(of.list) > 0 {
			s := spreadOf(of.list)
			lines = append(lines, timeLine{m.words.Text(of.key), len(of.list), m.long(s.median), m.long(s.most), m.long(s.longest)})
		}
	}
	return lines
}

// long writes a duration that is known to the second.
func (m *dossierMaker) long(d time.Duration) string {
	switch s := int(d / time.Second); {
	case d < time.Second:
		return m.words.Text("dossier.under-second")
	case d < time.Minute:
		return m.words.Text("dossier.seconds", s)
	case d < time.Hour:
		return m.words.Text("dossier.minutes", s/60, s%60)
	default:
		return m.words.Text("dossier.hours", s/3600, s/60%60)
	}
}
