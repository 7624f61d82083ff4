package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// acceptanceJudges answers for the acceptance receipt (family ACC, RFC 6109
// 3.1.4).
func acceptanceJudges() []Judge {
	each := func(look func(v *View, f *Findings, m *Message)) func(*View, *Findings) {
		return func(v *View, f *Findings) {
			for _, m := range v.OfKind(pec.Acceptance) {
				look(v, f, m)
			}
		}
	}
	return []Judge{
		{Rule: "PEC-ACC-001", Looks: "conforming submissions: exactly one acceptance, in the sender's mailbox", Look: oneAcceptance},
		{Rule: "PEC-ACC-002", Looks: "header of the acceptance", Look: each(acceptanceHeader)},
		{Rule: "PEC-ACC-003", Looks: "subject of the acceptance", Look: each(acceptanceSubject)},
		{Rule: "PEC-ACC-004", Looks: "label of every recipient in the readable text of the acceptance", Look: each(acceptanceLabels)},
		{Rule: "PEC-ACC-005", Looks: "facts in the readable text of the acceptance", Look: each(acceptanceText)},
		{Rule: "PEC-ACC-006", Looks: "tipo, errore and recipients of the acceptance", Look: each(acceptanceData)},
		{Rule: "PEC-ACC-007", Looks: "identificativo of the acceptance against the Message-ID of the envelope", Look: each(acceptanceIdentifier)},
		{Rule: "PEC-ACC-008", Looks: "infected and malformed submissions: no acceptance", Look: noAcceptance},
		{Rule: "PEC-ACC-009", Looks: "time from the end of data to the acceptance: recorded", Look: acceptanceDelay},
	}
}

func oneAcceptance(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		lawful, o := conforming(v, t), outcomeOf(t)
		if !lawful && len(o.acceptances) == 0 {
			continue
		}
		where, expected := t.Where("acceptances"), "exactly one acceptance, in the mailbox of "+t.sender()
		switch to := t.In(t.sender(), pec.Acceptance); {
		case len(o.acceptances) > len(to):
			f.Broken(where, expected, "acceptances: "+mailboxesOf(o.acceptances))
		case len(to) > 1:
			f.Broken(where, expected, counted(len(to), "acceptance", to))
		case len(to) == 1:
			f.Holds(where, o.String())
		case o.temporary() || o.unanswered:
			f.Unable(where, "the submission was not concluded: "+o.String())
		case len(o.notices) > 0 && hasOrdinaryRecipient(v, t):
			// Refusing ordinary recipients is a policy, recorded at PEC-AP-037.
		case v.Case.Mailbox(t.sender()) == nil:
			f.Unable(where, notReadableBy+t.sender())
		case o.stage == "" && len(o.notices) == 0 && !v.Case.Settled:
			f.Unable(where, notSettled)
		default:
			f.Broken(where, expected, o.String())
		}
	}
}

func acceptanceHeader(v *View, f *Findings, m *Message) {
	findAll(f, m, "header", receiptHeader(v, f, m), "header as listed in 3.1.4")
}

func acceptanceSubject(_ *View, f *Findings, m *Message) {
	judgeSubject(f, m, subjectOf(m.PEC.Root), prefixOf(pec.Acceptance, false))
}

// acceptanceLabels knows who is certified from the directory; where none is
// known, the text has at least to agree with the certification data.
func acceptanceLabels(v *View, f *Findings, m *Message) {
	certified := func(address string) bool { return v.certifiedFor(m.Transaction, address) }
	if v.Trust == nil && len(v.Case.World.Providers) == 0 {
		certified = func(address string) bool {
			c := m.PEC.Certification
			return c != nil && (labelled{m, m.PEC}).label(address) == "certificato"
		}
	}
	wrong := wrongTextLabels(m.PEC, recipientsOf(m), certified)
	findAll(f, m, "text", wrong, plural(len(recipientsOf(m)), "recipient")+", each with its label")
}

func acceptanceText(_ *View, f *Findings, m *Message) {
	findAll(f, m, "text", textFacts(m, m.PEC), "all facts of the model")
}

func acceptanceData(_ *View, f *Findings, m *Message) {
	c := m.PEC.Certification
	if c == nil {
		f.Broken(m.Where("daticert.xml"), "tipo accettazione, errore nessuno, all recipients", certificationMissing(m.PEC))
		return
	}
	var wrong []problem
	if c.Type != "accettazione" || c.Error != "nessuno" {
		wrong = append(wrong, problem{part: "daticert.xml", expected: "tipo accettazione, errore nessuno", seen: fmt.Sprintf("tipo %s, errore %s", c.Type, c.Error)})
	}
	got := distinct(certifiedRecipients(m.PEC))
	if want := recipientsOf(m); !sameAddresses(got, want) {
		wrong = append(wrong, problem{part: "daticert.xml", expected: "the recipients " + shownList(want), seen: shownList(got)})
	}
	findAll(f, m, "daticert.xml", wrong, "accettazione, nessuno, "+shownList(got))
}

func acceptanceIdentifier(_ *View, f *Findings, m *Message) {
	c := m.PEC.Certification
	if c == nil || m.Transaction == nil {
		return
	}
	var ids []string
	for _, e := range envelopesOf(m.Transaction) {
		ids = append(ids, bareID(e.Envelope.Root.Value("Message-ID")))
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if got := strings.TrimSpace(c.Identifier); got == id {
			f.Holds(m.Where("daticert.xml"), id)
		} else {
			f.Broken(m.Where("daticert.xml"), "identificativo "+id+", the Message-ID of the envelope", "identificativo "+shown(got))
		}
	}
}

// noAcceptance: none is ever issued for a message that had to be refused.
func noAcceptance(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		all := breachesOf(v, t)
		b, bad := formalBreach(all)
		if !bad {
			b, bad = breachOf(all, "PEC-NAV-001")
		}
		if !bad {
			continue
		}
		switch o := outcomeOf(t); {
		case len(o.acceptances) > 0:
			f.Broken(t.Where("acceptances"), "no acceptance, because "+b.detail, o.String())
		case twinRefused(v, t):
			f.Unable(t.Where("acceptances"), twinWasToo)
		case !v.Case.Settled:
			f.Unable(t.Where("acceptances"), notSettled)
		default:
			f.Holds(t.Where("acceptances"), b.detail+": none was issued")
		}
	}
}

// acceptanceDelay records: the term is in each holder's contract.
func acceptanceDelay(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		for _, m := range t.In(t.sender(), pec.Acceptance) {
			f.Observes(m.Where("mailbox"), fmt.Sprintf("the acceptance lay in the mailbox %s after the end of data",
				waited(t, m)))
		}
	}
}

// waited is how long after the end of its data a message was answered, to the
// second: mailboxes date no finer, so that an answer within the second may seem
// to lie before.
func waited(t *Transaction, answer *Message) time.Duration {
	return max(0, answer.Delivered.Sub(t.Ended)).Round(time.Second)
}
