package rules

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// clocksApart is how far two correct clocks may lie apart: each within one
// second of UTC (PEC-TIM-002).
const clocksApart = 2 * time.Second

// timeJudges answer for the family TIM: one instant per elaboration, valid
// dates, a plausible order of events (RFC 6109 4.1, 4.2).
func timeJudges() []Judge {
	return []Judge{
		{Rule: "PEC-TIM-001", Looks: "the instants of acceptance and envelope of one submission", Look: judgeSoleTime},
		{Rule: "PEC-TIM-002", Looks: "the instant of acceptance against the clock of the harness", Look: judgeClock, Needs: []Need{NeedSubmission}},
		everySystemMessage("PEC-TIM-003", "whether days and hours exist", judgeValidDates, systemKinds...),
		{Rule: "PEC-TIM-004", Looks: "the order in time of acceptance, envelope, taking in charge and outcome", Look: judgeOrder},
	}
}

// instantOf returns the instant of a message, and false where its certification
// data state none.
func instantOf(m *Message) (time.Time, bool) {
	if m.PEC.Certification == nil {
		return time.Time{}, false
	}
	at, err := certifiedInstant(m.PEC.Certification)
	return at, err == nil
}

func judgeSoleTime(v *View, f *Findings) {
	for _, t := range v.Transactions {
		var accepted time.Time
		for _, m := range t.OfKind(pec.Acceptance) {
			if at, ok := instantOf(m); ok {
				accepted = at
				break
			}
		}
		if accepted.IsZero() {
			continue
		}
		for _, m := range t.OfKind(pec.TransportEnvelope) {
			at, ok := instantOf(m)
			switch {
			case !ok:
			case !at.Equal(accepted):
				f.Broken(m.Where("daticert.xml"), "one instant for acceptance and envelope: "+legalTime(accepted), legalTime(at))
			default:
				f.Holds(m.Where("daticert.xml"), legalTime(at))
			}
		}
	}
}

// judgeClock records: the harness has a clock, but no reference time.
func judgeClock(v *View, f *Findings) {
	for _, t := range v.Transactions {
		for _, m := range t.OfKind(pec.Acceptance) {
			at, ok := instantOf(m)
			if !ok || t.Started.IsZero() || t.Ended.IsZero() {
				continue
			}
			// The harness is no time server, but it knows what cannot be: an
			// acceptance before the submission began, or after it was read.
			where := m.Where("daticert.xml")
			seen := "accepted at " + legalTime(at)
			if read, known := v.retrieved(m); known && at.After(read.Add(clocksApart)) {
				f.Broken(where, "an acceptance no later than "+legalTime(read)+", when the harness read it", seen)
			} else if at.Before(t.Started.Add(-clocksApart)) {
				f.Broken(where, "an acceptance no earlier than "+legalTime(t.Started)+", when the harness began to submit", seen)
			} else {
				f.Holds(where, seen+", between submission and retrieval by the clock of the harness")
			}
		}
	}
}

// retrieved returns when the harness read the message, by its own clock.
func (v *View) retrieved(m *Message) (time.Time, bool) {
	for _, e := range v.Case.Events {
		if e.Message != nil && e.Message.ID == m.ID && !e.At.IsZero() {
			return e.At, true
		}
	}
	return time.Time{}, false
}

var dateDay = regexp.MustCompile(`^\s*([A-Za-z]{3}),`)

func judgeValidDates(_ *View, m *Message, f *Findings) {
	kept := true
	value := m.PEC.Root.Value("Date")
	// A leap second has no notation in Go's parser; it is lawful here.
	date, err := mail.ParseDate(strings.Replace(value, ":59:60", ":59:59", 1))
	if err != nil {
		kept = false
		f.Broken(m.Where("header Date"), "a date that exists, as RFC 5322 writes it", shown(value))
	} else if day := dateDay.FindStringSubmatch(value); day != nil && !strings.EqualFold(day[1], date.Format("Mon")) {
		f.Warns(m.Where("header Date"), date.Format("Mon")+", the day of the week of that date", shown(value))
	}
	if data := m.PEC.Certification; data != nil && dayShape.MatchString(data.Day) && hourShape.MatchString(data.Time) {
		if _, err := parseInstant(data.Day, data.Time, "+0000"); err != nil {
			kept = false
			f.Broken(m.Where("daticert.xml"), "a day and an hour that exist", data.Day+" "+data.Time)
		}
	}
	for _, r := range readables(m.PEC) {
		for _, s := range stampsIn(r.Text, subjectAside(m)) {
			if _, err := parseInstant(s.Day, s.Time, "+0000"); err != nil {
				kept = false
				f.Broken(m.Where(r.Part), "a day and an hour that exist", s.Day+" "+s.Time)
			}
		}
	}
	if kept {
		f.Holds(m.Where("header Date"), value)
	}
}

// judgeOrder: a step of a transaction does not come before the steps that lead
// to it. Each provider takes in charge and delivers at its own pace: only the
// first of a step must not come before the first of the steps ahead of it.
func judgeOrder(v *View, f *Findings) {
	for _, t := range v.Transactions {
		done := &progress{t: t, f: f}
		done.step("acceptance", natured(t.Messages, pec.Acceptance))
		done.step("envelope", natured(t.Messages, pec.TransportEnvelope))
		// What ends a message, or tells of its delay, needs no taking in charge.
		sent := *done
		done.step("taking in charge", natured(t.Messages, pec.TakenInCharge))
		done.step("delivery", natured(t.Messages, pec.Delivery))
		for _, m := range natured(t.Messages, pec.NonDelivery) {
			ahead := sent
			if detections := t.concerning(t.recipientOf(m), pec.VirusDetection); v.aboutVirus(m) && len(detections) > 0 {
				ahead.step("virus detection", detections)
			}
			ahead.step("non-delivery", []*Message{m})
		}
		for _, m := range natured(t.Messages, pec.VirusDetection) {
			ahead := sent
			if !v.aboutVirusTold(m) { // judged above, on the way to the notice
				ahead.step("virus detection", []*Message{m})
			}
		}
		for _, m := range natured(t.Messages, pec.Delay) {
			ahead := sent
			ahead.step("delay notice", []*Message{m})
		}
	}
}

// aboutVirusTold tells that the user was told of the same virus.
func (v *View) aboutVirusTold(detection *Message) bool {
	t := detection.Transaction
	for _, m := range t.concerning(t.recipientOf(detection), pec.NonDelivery) {
		if v.aboutVirus(m) {
			return true
		}
	}
	return false
}

// progress is how far a transaction had come, and when.
type progress struct {
	t      *Transaction
	f      *Findings
	latest time.Time
	before string // the last step; "" when none was seen
}

// step compares messages of one step with the steps ahead, and adds it to them.
func (p *progress) step(name string, messages []*Message) {
	var first time.Time
	for _, m := range messages {
		at, ok := instantOf(m)
		if !ok {
			continue
		}
		if p.before != "" {
			if at.Add(clocksApart).Before(p.latest) {
				p.f.Broken(m.Where("daticert.xml"), fmt.Sprintf("the %s not before the %s, %s", name, p.before, legalTime(p.latest)), legalTime(at))
			} else {
				p.f.Holds(m.Where("daticert.xml"), fmt.Sprintf("%s at %s", name, legalTime(at)))
			}
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if !first.IsZero() && (p.before == "" || first.After(p.latest)) {
		p.latest, p.before = first, name
	}
}
