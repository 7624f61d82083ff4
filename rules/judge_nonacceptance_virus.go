package rules

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

func virusRefused(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if !scannerKnows(t, t.Host) {
			continue
		}
		where, o := t.Where("submission"), outcomeOf(t)
		expected := fmt.Sprintf("refused with a notice to %s: it holds %s", t.sender(), t.Infected)
		to := noticesTo(t)
		switch {
		case o.accepted():
			f.Broken(where, expected, o.String())
		case twinRefused(v, t):
			f.Unable(where, twinWasToo)
		case len(to) > 0 && v.Case.Settled:
			f.Holds(where, fmt.Sprintf("%s, %s after the end of data", o, waited(t, to[0])))
		case o.temporary():
			f.Unable(where, "a temporary refusal decides nothing: "+o.smtp())
		case o.stage != "" && !o.contentJudged():
		case o.stage != "":
			f.Broken(where, expected, o.smtp())
		case !v.Case.Settled:
			f.Unable(where, notSettled)
		case v.Case.Mailbox(t.sender()) == nil:
			f.Unable(where, notReadableBy+t.sender())
		default:
			f.Broken(where, expected, o.String())
		}
	}
}

func virusSubject(_ *View, f *Findings, m *Message) {
	judgeSubject(f, m, subjectOf(m.PEC.Root), prefixOf(pec.NonAcceptance, true))
}

func virusHeader(v *View, f *Findings, m *Message) {
	wrong := receiptHeader(v, f, m)
	if values := m.PEC.Root.Values(pec.HeaderSecurityCheck); len(values) != 1 || !strings.EqualFold(fold(values[0]), "errore") {
		wrong = append(wrong, problem{part: "header " + pec.HeaderSecurityCheck, expected: pec.HeaderSecurityCheck + ": errore", seen: shownValues(values)})
	}
	findAll(f, m, "header", wrong, "header as listed in 3.1.3")
}

func virusText(_ *View, f *Findings, m *Message) {
	wrong := textFacts(m, m.PEC)
	texts := readables(m.PEC)
	if len(texts) > 0 && !saysFound(texts[0].Text, m) {
		wrong = append(wrong, problem{part: "text", expected: "the identification of what was detected", seen: shown(texts[0].Text)})
	}
	findAll(f, m, "text", wrong, "all facts of the model, and what was detected")
}

var foundWords = regexp.MustCompile(`(?i)problema di sicurezza\s*:?\s*([^\s.]+ ?[^\s.]*)`)

// saysFound: what a scanner calls its find is its own affair, so any naming
// counts: that of errore-esteso, the name of the planted virus, or what follows
// the words of the model.
func saysFound(text string, m *Message) bool {
	if cause := causeGiven(m.PEC); cause != "" && says(text, cause) {
		return true
	}
	if t := m.Transaction; t != nil && t.Infected != "" && says(text, t.Infected) {
		return true
	}
	found := foundWords.FindStringSubmatch(fold(text))
	return found != nil && !strings.EqualFold(found[1], "Il messaggio")
}

func virusData(_ *View, f *Findings, m *Message) {
	const expected = "tipo non-accettazione, errore virus"
	c := m.PEC.Certification
	switch {
	case c == nil:
		f.Broken(m.Where("daticert.xml"), expected, certificationMissing(m.PEC))
	case c.Type != "non-accettazione" || c.Error != "virus":
		f.Broken(m.Where("daticert.xml"), expected, fmt.Sprintf("tipo %s, errore %s", c.Type, c.Error))
	default:
		f.Holds(m.Where("daticert.xml"), expected)
	}
}

func virusGoesNowhere(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if !scannerKnows(t, t.Host) {
			continue
		}
		o := outcomeOf(t)
		bare := true
		for _, m := range o.notices {
			if part := enclosedOriginal(m); part != "" {
				bare = false
				f.Broken(m.Where(part), "a notice without the infected original", part)
			}
		}
		switch {
		case len(o.envelopes) > 0:
			f.Broken(t.Where("envelopes"), "nothing forwarded: it holds "+t.Infected, mailboxesOf(carriers(o.envelopes)))
		case !bare:
		case twinRefused(v, t):
			f.Unable(t.Where("envelopes"), twinWasToo)
		case !v.Case.Settled:
			f.Unable(t.Where("envelopes"), notSettled)
		default:
			f.Holds(t.Where("envelopes"), "nothing enclosed, nothing forwarded")
		}
	}
}
