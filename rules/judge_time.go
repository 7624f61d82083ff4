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
		{Rule: "PEC-TIM-004", Looks: "the order in time of acceptance, envelope, taking in charge and delivery", Look: judgeOrder},
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

func judgeOrder(v *View, f *Findings) {
	order := []struct {
		kind pec.Kind
		name string
	}{{pec.Acceptance, "acceptance"}, {pec.TransportEnvelope, "envelope"}, {pec.TakenInCharge, "taking in charge"}, {pec.Delivery, "delivery"}}
	for _, t := range v.Transactions {
		var latest time.Time
		before := ""
		for _, step := range order {
			var first time.Time
			for _, m := range t.OfKind(step.kind) {
				at, ok := instantOf(m)
				if !ok {
					continue
				}
				if before != "" {
					if at.Add(clocksApart).Before(latest) {
						f.Broken(m.Where("daticert.xml"), fmt.Sprintf("the %s not before the %s, %s", step.name, before, legalTime(latest)), legalTime(at))
					} else {
						f.Holds(m.Where("daticert.xml"), fmt.Sprintf("%s at %s", step.name, legalTime(at)))
					}
				}
				if first.IsZero() || at.Before(first) {
					first = at
				}
			}
			// Each provider takes in charge and delivers at its own pace: only
			// the first of a step must not come before the steps ahead of it.
			if !first.IsZero() && (before == "" || first.After(latest)) {
				latest, before = first, step.name
			}
		}
	}
}
