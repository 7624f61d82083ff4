package rules

import (
	"regexp"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// delayFormJudges answer for what a delay notice is: header, text and
// certification data (RFC 6109 3.1.6). Whether one is owed is judged in
// delay_owed.go.
func delayFormJudges() []Judge {
	delays := byNature(pec.Delay)
	return []Judge{
		examine("PEC-TMO-009", "header of delay notices", certifiedDelays, delayHeader),
		examine("PEC-TMO-010", "subject of delay notices", delays, delaySubject),
		examine("PEC-TMO-011", "To of delay notices, and the mailbox that they lie in", delays, delayAddressee),
		examine("PEC-TMO-012", "readable text of first delay notices", delaysOf(thresholdFirst), delayText(thresholdFirst)),
		examine("PEC-TMO-013", "readable text of second delay notices", delaysOf(thresholdSecond), delayText(thresholdSecond)),
		{Rule: "PEC-TMO-014", Looks: "certification data of delay notices", Look: delayData},
		examine("PEC-TMO-016", "parts of delay notices", delays, delayParts),
	}
}

// delaysOf picks the notices of one threshold; those that no ledger holds are
// told apart by their text.
func delaysOf(which threshold) func(*View) []*Message {
	return func(v *View) []*Message {
		known := map[*Message]threshold{}
		for _, w := range v.waits() {
			for _, n := range w.Notices {
				known[n.Message] = n.Which
			}
		}
		var all []*Message
		for _, m := range byNature(pec.Delay)(v) {
			is, told := known[m]
			if !told {
				is, told = saidThreshold(m)
			}
			if told && is == which {
				all = append(all, m)
			}
		}
		return all
	}
}

// certifiedDelays picks also those whose certification data alone say what they
// are: what the header says instead is what is judged.
func certifiedDelays(v *View) []*Message {
	all := byNature(pec.Delay)(v)
	for _, m := range byNature(pec.NonDelivery)(v) {
		if c := m.PEC.Certification; c != nil && strings.EqualFold(c.Type, tokenOf(pec.Delay)) {
			all = append(all, m)
		}
	}
	return all
}

// delayHeader: the fields, and a Date that is the instant of emission. The
// mailbox knows when the notice came; where it does not tell, the harness knows
// when it read it.
func delayHeader(v *View, m *Message) []problem {
	problems := headerProblems(m, pec.Delay, v.homeOf(m), "") // To: PEC-TMO-011
	date, err := headerInstant(m.PEC.Root)
	if err != nil || m.Transaction == nil {
		return problems
	}
	emission := "the instant of emission, "
	if delivered, sensible := deliveredAt(m.Transaction, m); sensible && delivered.Sub(date).Abs() > plausibly {
		problems = append(problems, problem{part: "header Date", expected: emission + legalTime(delivered), seen: legalTime(date)})
	} else if now := v.now(); !now.IsZero() && date.After(now.Add(clocksApart)) {
		problems = append(problems, problem{part: "header Date", expected: emission + "no later than " + legalTime(now), seen: legalTime(date)})
	}
	return problems
}

// homeOf returns the provider of the sender of the message that a notice is
// about, or nil.
func (v *View) homeOf(m *Message) *evidence.Provider { return v.Case.ProviderOf(senderOf(m)) }

func delaySubject(_ *View, m *Message) []problem {
	problems := subjectProblems(m, pec.Delay, false)
	const blanks = "SUP.  TEMPO"
	if len(problems) == 0 && strings.Contains(m.PEC.Root.Value("Subject"), blanks) {
		problems = append(problems, problem{part: "header Subject", expected: "one blank after SUP.", seen: shown(blanks), reported: true})
	}
	return problems
}

// delayAddressee: the sender is told, not the recipient (decision D-04).
func delayAddressee(_ *View, m *Message) []problem {
	sender := senderOf(m)
	problems := toProblems(m, sender)
	if sender != "" && m.Mailbox != "" && !pec.SameAddress(m.Mailbox, sender) {
		problems = append(problems, problem{expected: "the notice in " + sender, seen: "in " + m.Mailbox})
	}
	return problems
}

var (
	notDelivered = regexp.MustCompile(`(?i)\bnon\b.{0,40}\b(consegnat|recapitat|pervenut|ricevut)|mancata consegna`)
	mayHappen    = regexp.MustCompile(`(?i)in seguito|non escludend|ancora|successivament|eventual|comunque`)
	anotherLater = regexp.MustCompile(`(?i)ulteriore|altro avviso|nuovo avviso|secondo avviso|prossime`)
	hasFailed    = regexp.MustCompile(`(?i)buon fine|esito negativo|fallit|non riuscit|definitiv`)
)

// delayText: the facts must be there; how the rest is worded is only reported.
func delayText(which threshold) func(*View, *Message) []problem {
	return func(_ *View, m *Message) []problem {
		problems := textProblems(m, textWants{recipients: consegnaOf(m), withSender: true, withID: true})
		text := delayWords(m)
		if text == "" {
			return problems
		}
		lacks := func(pattern *regexp.Regexp, fact string, reported bool) {
			if !pattern.MatchString(text) {
				problems = append(problems, problem{part: "text", expected: fact, seen: shown(text), reported: reported})
			}
		}
		lacks(notDelivered, "that the message was not delivered", false)
		if which == thresholdFirst {
			lacks(twelveHours, "that 12 hours have passed", false)
			lacks(mayHappen, "that it may still be delivered", true)
			lacks(anotherLater, "that another notice may follow", true)
			return problems
		}
		lacks(twentyFourHours, "that 24 hours have passed", false)
		lacks(hasFailed, "that the dispatch is to be considered failed", true)
		return problems
	}
}

// delayData: type and recipient; the value of errore is not fixed (question
// Q-07) and recorded.
func delayData(v *View, f *Findings) {
	for _, m := range byNature(pec.Delay)(v) {
		c, unreadable := certificationOf(m)
		if c == nil {
			f.report(m.Where, unreadable, "")
			continue
		}
		problems := dataProblems(m, pec.Delay, []string{c.Error}, true)
		if t := m.Transaction; t != nil && c.HasDelivery && holdsAddress(t.addressees(), fold(c.Delivery)) && !v.certified(pec.BareAddress(c.Delivery)) {
			problems = append(problems, problem{part: "daticert.xml consegna", expected: "a certified recipient, of whom a receipt was expected", seen: shown(c.Delivery)})
		}
		problems = append(problems, identifierProblems(m)...)
		f.report(m.Where, problems, "about "+fold(c.Delivery))
		f.Observes(m.Where("daticert.xml errore"), "errore "+shown(c.Error)+", errore-esteso "+shown(c.ExtendedError))
	}
}

func delayParts(_ *View, m *Message) []problem {
	if !enclosed(m) {
		return nil
	}
	return []problem{{part: "postacert.eml", expected: "no original enclosed", seen: "message/rfc822 among the parts"}}
}
