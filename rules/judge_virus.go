package rules

import (
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// virusJudges answer for a virus that the receiving provider finds: the notice
// between providers (RFC 6109 3.2.3) and the one to the user (3.2.4).
func virusJudges() []Judge {
	found, told := byNature(pec.VirusDetection), nonDeliveries(true)
	return []Judge{
		{Rule: "PEC-VIR-001", Looks: "the recipient's mailbox and the service mailbox, after an infected envelope", Needs: []Need{NeedService}, Look: virusStopped},
		{Rule: "PEC-VIR-002", Looks: "virus detections per recipient of one infected envelope", Needs: []Need{NeedService}, Look: virusPerRecipient},
		examine("PEC-VIR-003", "header of virus detections", found, detectionHeader),
		examine("PEC-VIR-004", "subject of virus detections", found, func(_ *View, m *Message) []problem { return subjectProblems(m, pec.VirusDetection, false) }),
		examine("PEC-VIR-005", "readable text of virus detections", found, detectionText),
		examine("PEC-VIR-006", "certification data of virus detections", found, detectionData),
		examine("PEC-VIR-007", "parts of virus detections", found, withoutOriginal),
		{Rule: "PEC-VIR-008", Looks: "the receiving provider's store of infected messages", Needs: []Need{NeedQuarantine}, Look: virusKept},
		{Rule: "PEC-VIR-009", Looks: "the sender's mailbox, after an infected envelope", Look: virusTold},
		examine("PEC-VIR-010", "subject and To of non-deliveries for virus", told, toldAddressed),
		examine("PEC-VIR-011", "readable text of non-deliveries for virus, against the detection", told, toldText),
		examine("PEC-VIR-012", "certification data of non-deliveries for virus", told, toldData),
		{Rule: "PEC-VIR-015", Looks: "presa-in-carico for infected envelopes", Look: virusTakenInCharge},
		{Rule: "PEC-VIR-017", Looks: "what came of an infected message that a provider signed and that is no envelope", Look: virusWithoutEnvelope},
	}
}

// infectedElsewhere visits the transactions in which an accepted message
// carries a virus that a receiving provider knows, with the recipients there.
func (v *View) infectedElsewhere(visit func(t *Transaction, recipients []string)) {
	for _, t := range v.journeys() {
		var recipients []string
		for _, s := range v.abroad(t, fateInfected) {
			recipients = append(recipients, s.recipients...)
		}
		if t.accepted() && len(recipients) > 0 {
			visit(t, recipients)
		}
	}
}

// infectedIn returns what lies in the recipient's mailbox and carries the
// original: envelopes of either kind.
func (t *Transaction) infectedIn(mailbox string) []*Message {
	var all []*Message
	for _, m := range within(t.Messages, mailbox) {
		if m.Role == evidence.UserMailbox && (nature(m) == pec.TransportEnvelope || nature(m) == pec.AnomalyEnvelope || nature(m) == pec.Ordinary) {
			all = append(all, m)
		}
	}
	return all
}

func virusStopped(v *View, f *Findings) {
	v.infectedElsewhere(func(t *Transaction, recipients []string) {
		home := v.Case.ProviderOf(t.sender())
		for _, r := range recipients {
			problems := false
			for _, m := range t.infectedIn(r) {
				problems = true
				f.Broken(m.Where(""), "the infected envelope kept from "+r, about(m)+" in "+m.Mailbox)
			}
			detections := t.concerning(r, pec.VirusDetection)
			switch {
			case len(detections) > 0 && !problems:
				f.Holds(detections[0].Where(""), "kept from "+r+"; the sender's provider was told")
			case len(detections) == 0 && home != nil && v.watches(home.ServiceMailbox):
				f.absent(v, t.Where(""), "a rilevazione-virus about "+r+" in "+home.ServiceMailbox)
			}
		}
	})
}

func virusPerRecipient(v *View, f *Findings) {
	v.infectedElsewhere(func(t *Transaction, recipients []string) {
		if len(recipients) < 2 {
			return
		}
		f.oneForEach(v, t, recipients, pec.VirusDetection)
	})
}

// concernedProvider returns the provider of the recipient that a notice is about.
func (v *View) concernedProvider(m *Message) *evidence.Provider {
	return v.Case.ProviderOf(concernOf(m))
}

func detectionHeader(v *View, m *Message) []problem {
	to := ""
	if p := v.Case.ProviderOf(senderOf(m)); p != nil {
		to = p.ServiceMailbox
	}
	problems := headerProblems(m, pec.VirusDetection, v.concernedProvider(m), to)
	got := m.PEC.Root.Values(pec.HeaderSender)
	if sender := senderOf(m); sender != "" && (len(got) != 1 || !pec.SameAddress(addressOf(got[0]), sender)) {
		problems = append(problems, problem{part: "header X-Mittente", expected: sender + ", the original sender", seen: shownValues(got)})
	}
	return problems
}

func detectionText(_ *View, m *Message) []problem {
	return textProblems(m, textWants{
		recipients: consegnaOf(m), withSender: true, withID: true,
		describes: true, description: foundIn(m), undescribed: "what was found: " + shown(foundIn(m)),
	})
}

// foundIn returns what a notice about a virus says was found: errore-esteso, or
// the name of the planted virus.
func foundIn(m *Message) string {
	if extended := extendedError(m); fold(extended) != "" {
		return extended
	}
	if m.Transaction != nil && m.Transaction.Infected != "" {
		return m.Transaction.Infected
	}
	return "virus"
}

func detectionData(_ *View, m *Message) []problem {
	problems := dataProblems(m, pec.VirusDetection, []string{"virus", "altro"}, true)
	if c := m.PEC.Certification; c != nil && c.Type == "rilevazione-virus" && c.Error == "altro" {
		problems = append(problems, problem{part: "daticert.xml errore", expected: "virus", seen: "altro, which decision D-18 accepts", reported: true})
	}
	return append(append(problems, reasonProblems(m)...), identifierProblems(m)...)
}

func withoutOriginal(_ *View, m *Message) []problem {
	if !enclosed(m) {
		return nil
	}
	return []problem{{part: "parts", expected: "no original: it carries a virus", seen: plural(len(m.PEC.OriginalParts), "enclosed message")}}
}

func virusKept(v *View, f *Findings) {
	v.infectedElsewhere(func(t *Transaction, _ []string) {
		for _, s := range v.abroad(t, fateInfected) {
			if t.Sent == nil {
				f.Unable(t.Where(""), string(NeedSubmission))
				continue
			}
			kept := len(storedFor(v, t, s.provider))
			if kept == 0 {
				f.absent(v, t.Where(""), "the infected envelope in the store of "+s.provider)
				continue
			}
			f.Holds(t.Where(""), plural(kept, "message")+" in the store of "+s.provider)
		}
	})
}

func virusTold(v *View, f *Findings) {
	detectionsOfPeers(v, f)
	v.infectedElsewhere(func(t *Transaction, recipients []string) {
		if t.fromPeer() {
			return // its user is told by a provider that is not judged
		}
		for _, r := range recipients {
			notices := t.concerning(r, pec.NonDelivery)
			if len(notices) == 0 && v.hears(t) {
				f.absent(v, t.Where(""), "an errore-consegna for virus about "+r+" in "+t.sender())
			}
			for _, m := range notices {
				problems := headerProblems(m, pec.NonDelivery, v.Case.ProviderOf(t.sender()), "") // To: PEC-VIR-010
				f.report(m.Where, append(problems, securityProblems(m)...), "about "+r+" in "+m.Mailbox)
			}
		}
	})
}

func toldAddressed(_ *View, m *Message) []problem {
	return append(subjectProblems(m, pec.NonDelivery, true), toProblems(m, senderOf(m))...)
}

// toldText: the facts are those of the detection, which the sender's provider
// had received.
func toldText(v *View, m *Message) []problem {
	wants := textWants{recipients: consegnaOf(m), withID: true, describes: true, description: foundIn(m)}
	if t := m.Transaction; t != nil {
		for _, detection := range t.concerning(concernOf(m), pec.VirusDetection) {
			if extended := extendedError(detection); fold(extended) != "" {
				wants.description = extended
			}
		}
		for _, d := range v.answersOf(t, concernOf(m), pec.VirusDetection) {
			if extended := d.PEC.Certification.ExtendedError; fold(extended) != "" {
				wants.description = extended
			}
		}
	}
	wants.undescribed = "what was found: " + shown(wants.description)
	problems := textProblems(m, wants)
	if renderings := readables(m.PEC); len(renderings) > 0 && len(problems) > 0 && describes(renderings[0].Text, foundIn(m), noiseIn(m)...) {
		return withoutExpected(problems, wants.undescribed) // the notice says it in its own words
	}
	return problems
}

func withoutExpected(problems []problem, expected string) []problem {
	var rest []problem
	for _, p := range problems {
		if p.expected != expected {
			rest = append(rest, p)
		}
	}
	return rest
}

func toldData(_ *View, m *Message) []problem {
	problems := dataProblems(m, pec.NonDelivery, []string{"virus"}, true)
	return append(append(problems, reasonProblems(m)...), identifierProblems(m)...)
}

func virusTakenInCharge(v *View, f *Findings) {
	v.infectedElsewhere(func(t *Transaction, _ []string) {
		for _, s := range v.abroad(t, fateInfected) {
			if came := t.chargedBy(v, s.provider, s.recipients); len(came) > 0 {
				f.Observes(came[0].Where(""), s.provider+" also took charge of the infected envelope")
			} else {
				f.Observes(t.Where(""), s.provider+" did not take charge of the infected envelope")
			}
		}
	})
}

// virusWithoutEnvelope: a provider's signature on an infected message that is
// no correct envelope stops it all the same.
func virusWithoutEnvelope(v *View, f *Findings) {
	for _, t := range v.journeys() {
		if t.Channel != evidence.IncomingPoint || t.Infected == "" || !v.vouched(t) {
			continue
		}
		sent, err := pec.Read(t.Sent.Raw())
		if err != nil || sent.Kind == pec.TransportEnvelope && sent.Certification != nil && sent.Original != nil {
			continue
		}
		var problems []problem
		for _, d := range v.dues(t) {
			came := t.infectedIn(d.Address)
			if t.Dispatch != nil {
				came = slices.DeleteFunc(within(t.Messages, d.Address), func(m *Message) bool { return m.Role != evidence.UserMailbox })
			}
			for _, m := range came {
				problems = append(problems, problem{expected: "nothing delivered: the message carries the virus " + t.Infected, seen: about(m) + " in " + m.Mailbox})
			}
		}
		if t.Dispatch != nil && !v.infectedThere(t.Dispatch) {
			continue
		}
		if len(problems) == 0 && t.Dispatch != nil && t.Accepted() {
			v.peerToldOfVirus(f, t)
			continue
		}
		if len(problems) == 0 && !v.Case.Settled {
			f.Unable(t.Where(""), notSettled)
			continue
		}
		f.report(t.Where, problems, "not delivered in any form")
	}
}
