package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// delayFlowJudges answer for whole transactions over time: envelopes that are
// found faulty, providers that say nothing (RFC 6109 3.2.2, 3.1.6), and the
// behaviour under load and at the provider's limits (decree, article 12).
func delayFlowJudges() []Judge {
	return []Judge{
		{Rule: "PEC-INT-005", Looks: "faulty envelopes: the anomaly envelope, no receipts, and delay notices at the sender's side", Look: faultyEnvelope},
		eachWait("PEC-INT-008", "notices and the late receipt, where a provider took an envelope and said nothing for 24 hours", silentProvider),
		{Rule: "PEC-SLA-001", Looks: "messages above the stated limits: recorded", Look: overLimits},
		{Rule: "PEC-SLA-007", Looks: "receipts and delay notices of each of many messages sent together", Look: underLoad},
	}
}

func faultyEnvelope(v *View, f *Findings) {
	for _, d := range v.Dispatches {
		class := v.receptionOf(d).class
		if d.PEC != nil && d.PEC.Kind == pec.TransportEnvelope && d.Accepted() && d.Infected == "" && (class == faulty || class == untrusted) {
			v.wrappedNotCertified(d, f)
		}
	}
	for _, w := range v.waits() {
		anomalies := within(natured(w.t.Messages, pec.AnomalyEnvelope), w.Address)
		if len(anomalies) == 0 || !w.plainly(v, firstAfter) {
			continue
		}
		if w.silent(firstAfter) {
			f.one(v, w, thresholdFirst, w.latest(firstAfter))
		}
		if w.silent(secondBy) && w.plainly(v, secondBy) {
			f.one(v, w, thresholdSecond, w.latest(secondBy))
		}
	}
}

// wrappedNotCertified: each recipient finds an anomaly envelope, and nobody is
// told that the message was taken in charge or delivered.
func (v *View) wrappedNotCertified(d *Dispatch, f *Findings) {
	for _, m := range natured(d.Messages, pec.TakenInCharge, pec.Delivery) {
		f.Broken(m.Where(""), "no receipt for an envelope that no provider may believe", about(m)+" in "+m.Mailbox)
	}
	for _, r := range d.Recipients {
		address := pec.BareAddress(r.Address)
		p := v.Case.ProviderOf(address)
		if !r.Reply.OK() || !v.watches(address) || p == nil || !v.judged(p.Name) {
			continue
		}
		if came := d.In(address, pec.AnomalyEnvelope); len(came) > 0 {
			f.Holds(came[0].Where(""), "an anomaly envelope in "+address)
			continue
		}
		f.absent(v, d.Where(""), "an anomaly envelope in "+address)
	}
}

// silentProvider: both notices, and the late receipt where one came.
func silentProvider(v *View, w *wait, f *Findings) {
	if w.Handed.IsZero() || !w.silent(secondBy) || !w.plainly(v, secondBy) || w.partly(v) {
		return
	}
	f.one(v, w, thresholdFirst, w.latest(firstAfter))
	f.one(v, w, thresholdSecond, w.latest(secondBy))
	if delivery := w.answered(pec.Delivery); delivery != nil && v.hears(w.t) {
		f.arrived(v, w, delivery)
	}
}

// overLimits records what became of messages above a limit that the target
// states.
func overLimits(v *View, f *Findings) {
	limits := v.Case.World.Limits
	above := func(recipients int, size int64) string {
		switch {
		case limits.MaxRecipients > 0 && recipients > limits.MaxRecipients:
			return fmt.Sprintf("%d recipients, above the limit of %d", recipients, limits.MaxRecipients)
		case limits.MaxTotalBytes > 0 && size*int64(recipients) > limits.MaxTotalBytes:
			return fmt.Sprintf("%d octets for %s, above the limit of %d in all", size, plural(recipients, "recipient"), limits.MaxTotalBytes)
		}
		return ""
	}
	for _, t := range v.Transactions {
		what := above(len(t.Recipients), t.Size)
		switch {
		case what == "":
		case !t.Accepted():
			f.Observes(t.Where("SMTP"), what+": refused by SMTP, "+refusal(t))
		case len(natured(t.Messages, pec.NonAcceptance)) > 0:
			f.Observes(t.Where(""), what+": refused by a non-acceptance")
		case v.Case.Settled:
			f.Observes(t.Where(""), what+": "+map[bool]string{true: "accepted", false: "no refusal was seen"}[t.accepted()])
		}
	}
	for _, d := range v.Dispatches {
		if what := above(len(d.Recipients), d.Size); what != "" {
			f.Observes(d.Where("SMTP"), fmt.Sprintf("from %s, %s: %s", d.Peer, what, map[bool]string{true: "taken", false: "refused"}[d.Accepted()]))
		}
	}
}

// A load is so many submissions, begun within such a time of each other.
const (
	loadIs     = 20
	loadWithin = 5 * time.Minute
)

// underLoad: what is owed of each message came once and is right, and nobody
// was told of a delay that there was not; who was not heard of gave both notices.
func underLoad(v *View, f *Findings) {
	var loaded []*Transaction
	for _, t := range v.Transactions {
		together := 0
		for _, other := range v.Transactions {
			if throughSubmission(other) && other.Started.Sub(t.Started).Abs() <= loadWithin {
				together++
			}
		}
		if throughSubmission(t) && together >= loadIs {
			loaded = append(loaded, t)
		}
	}
	for _, t := range loaded {
		f.flaws(v, t, v.flaws(t), "everything that is owed, once")
	}
	for _, w := range v.waits() {
		switch {
		case !slices.Contains(loaded, w.t) || !w.plainly(v, secondBy):
		case w.ended(firstAfter):
			f.quiet(v, w, w.Notices, w.latest(firstAfter), "it answered")
		case w.silent(secondBy) && !w.Handed.IsZero():
			f.one(v, w, thresholdFirst, w.latest(firstAfter))
			f.one(v, w, thresholdSecond, w.latest(secondBy))
		}
	}
}
