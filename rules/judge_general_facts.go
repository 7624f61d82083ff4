package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
)

// What the readable text must say (RFC 6109 3.1.2 to 3.3.3, 4.3.1): facts, in
// whatever words.
func generalFactsJudges() []Judge {
	return []Judge{
		everySystemMessage("PEC-GEN-008", "the facts of the HTML against those of the plain text", judgeGeneralSameFacts, systemKinds...),
		everySystemMessage("PEC-GEN-036", "sender, recipients and subject of the readable text against the certification data", judgeGeneralReadableFacts, certifiedKinds...),
	}
}

// readableFact is one thing that a readable text may say.
type readableFact struct {
	name string // "subject", "recipient bruno@borea.example"
	in   func(text string) presence
}

type presence int

const (
	missing presence = iota
	damaged          // there, but for characters that ISO-8859-1 has not
	present
)

func presenceOf(found bool) presence {
	if found {
		return present
	}
	return missing
}

// factsOf lists sender, recipients and subject as the certification data of a
// message state them and as the models of its kind show them.
func factsOf(m *Message) []readableFact {
	data := m.PEC.Certification
	if data == nil {
		return nil
	}
	var facts []readableFact
	address := func(role, a string) {
		if bare := addressOf(a); bare != "" {
			a = bare
		}
		if !bareAddressForm.MatchString(a) {
			return // PEC-XML-006, PEC-XML-007, PEC-XML-017
		}
		facts = append(facts, readableFact{role + " " + a, func(text string) presence { return presenceOf(saysAddress(text, a)) }})
	}
	// The model of the non-delivery for virus names no sender (3.2.4).
	aboutVirus := m.PEC.Virus || data.Error == "virus"
	if (m.PEC.Kind != pec.NonDelivery || !aboutVirus) && data.Sender != "" {
		address("sender", data.Sender)
	}
	switch m.PEC.Kind {
	case pec.Acceptance, pec.NonAcceptance, pec.TransportEnvelope:
		for _, r := range data.Recipients {
			address("recipient", r.Address)
		}
	case pec.TakenInCharge:
		for _, r := range data.Reception {
			if slices.ContainsFunc(data.Recipients, func(d certification.Recipient) bool { return pec.SameAddress(d.Address, r) }) {
				address("recipient", r) // PEC-XML-018 where it is none
			}
		}
	default:
		if data.HasDelivery {
			address("recipient", data.Delivery)
		}
	}
	if fold(data.Subject) != "" {
		facts = append(facts, readableFact{"subject " + shown(fold(data.Subject)), func(text string) presence { return saysSubject(text, data.Subject) }})
	}
	return facts
}

func saysSubject(text, subject string) presence {
	switch {
	case says(text, subject):
		return present
	case squeezed(subject) != "" && strings.Contains(squeezed(text), squeezed(subject)):
		return present // only white space and control characters differ
	case saysWithLoss(text, subject):
		return damaged
	}
	return missing
}

func judgeGeneralReadableFacts(_ *View, m *Message, f *Findings) {
	facts := factsOf(m)
	r, ok := readableOf(m.PEC)
	if len(facts) == 0 || !ok {
		return
	}
	kept := true
	for _, fact := range facts {
		switch fact.in(r.Text) {
		case missing:
			kept = false
			f.Broken(m.Where(r.Part), "the "+fact.name+", as in the certification data", "the readable text of the "+about(m)+" does not say it")
		case damaged:
			kept = false
			f.Deviates(m.Where(r.Part), "the "+fact.name+", as in the certification data", "characters that ISO-8859-1 has not are lost")
		}
	}
	if kept {
		f.Holds(m.Where(r.Part), fmt.Sprintf("%d facts of the certification data", len(facts)))
	}
}

func judgeGeneralSameFacts(_ *View, m *Message, f *Findings) {
	texts := readables(m.PEC)
	if len(texts) != 2 {
		return
	}
	plain, html := texts[0].Text, texts[1].Text
	facts := factsOf(m)
	if data := m.PEC.Certification; data != nil {
		id := bareID(data.Identifier)
		facts = append(facts, readableFact{"identifier " + id, func(text string) presence { return presenceOf(says(text, id)) }})
	}
	kept := true
	for _, fact := range facts {
		if fact.in(plain) != missing && fact.in(html) == missing {
			kept = false
			f.Broken(m.Where("text/html"), "the "+fact.name+", as in the plain text", "the HTML does not say it")
		}
	}
	if in := stampsIn(plain, subjectAside(m)); len(in) > 0 && !saysStamp(stampsIn(html, subjectAside(m)), in[0]) {
		kept = false
		f.Broken(m.Where("text/html"), strings.TrimSpace(in[0].Day+" "+in[0].Time+" "+in[0].Zone)+", as in the plain text", "the HTML does not say it")
	}
	if kept {
		f.Holds(m.Where("text/html"), "the facts of the plain text")
	}
}

func saysStamp(stamps []stamp, wanted stamp) bool {
	colonless := func(zone string) string { return strings.Replace(zone, ":", "", 1) }
	for _, s := range stamps {
		if s.Day == wanted.Day && s.Time == wanted.Time && colonless(s.Zone) == colonless(wanted.Zone) {
			return true
		}
	}
	return false
}
