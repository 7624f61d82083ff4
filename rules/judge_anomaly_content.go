package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

// anomalyText searches the text for the facts of the received message, and for
// some words on the error; there is no identifier in an anomaly envelope.
func anomalyText(v *View, m *Message) []problem {
	wants := textWants{timeOfHeader: true}
	if t := m.Transaction; t != nil && t.Channel == evidence.IncomingPoint {
		for _, a := range recipientsOf(m) { // one of several envelopes may name its own recipient only
			if strings.EqualFold(a, m.Mailbox) {
				wants.recipients = []string{a}
			}
		}
	}
	problems := textProblems(m, wants)
	renderings := readables(m.PEC)
	if len(renderings) == 0 {
		return problems
	}
	text := renderings[0].Text
	senders := originalSenders(v, m)
	if len(senders) > 0 && !slices.ContainsFunc(senders, func(s string) bool { return saysAddress(text, s) }) {
		problems = append(problems, problem{part: "text", expected: "the sender " + strings.Join(senders, " or "), seen: shown(text)})
	}
	unlabelled := strings.NewReplacer("posta ordinaria", "", "posta certificata", "").Replace(strings.ToLower(text)) // labels of recipients
	if !slices.ContainsFunc(anomalyWords, func(word string) bool { return strings.Contains(unlabelled, word) }) {
		problems = append(problems, problem{part: "text", expected: "a short description of the error, such as \"Firma non presente o non autentica\"", seen: shown(text)})
	}
	return problems
}

// anomalyWords are stems of words that speak of what is wrong with a message:
// signature, certificate, ordinary mail, form, format, virus, or error followed
// by something.
var anomalyWords = []string{"firma", "certificato ", "non certificat", "ordinari", "formal", "format", "daticert", "signature", "integrit", "autentic"}

func anomalyParts(_ *View, m *Message) []problem {
	if len(m.PEC.CertificationParts) > 0 {
		return []problem{{part: "daticert.xml", expected: "no certification data: nothing is certified", seen: plural(len(m.PEC.CertificationParts), "part") + " with certification data"}}
	}
	if m.PEC.Content == nil {
		return []problem{{expected: "a text and the received message", seen: "no parts"}}
	}
	if n := len(m.PEC.Content.Parts); n != 2 || len(m.PEC.OriginalParts) != 1 {
		var kinds []string
		for _, part := range m.PEC.Content.Parts {
			kind, _ := part.MediaType()
			kinds = append(kinds, kind)
		}
		return []problem{{expected: "two parts: the text and the received message", seen: plural(n, "part") + ": " + shownList(kinds)}}
	}
	return nil
}

// anomalyBounces: an error goes to the reverse path that the message came with,
// by the refusal of its recipient or by a bounce of ordinary mail.
func anomalyBounces(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		if t.Infected != "" || t.sender() == "" {
			continue
		}
		for _, r := range t.Recipients {
			if p := v.Case.ProviderOf(pec.BareAddress(r.Address)); p == nil || p.Emitter != evidence.Target {
				continue
			}
			if !r.Reply.OK() && v.Case.Mailbox(pec.BareAddress(r.Address)) == nil {
				f.Holds(t.Where("SMTP"), "the sending host is told at once: "+shownReply(r.Reply))
			}
		}
		for _, d := range v.dues(t) {
			if d.Fate != fateUnknown && d.Fate != fateFull || !t.Accepted() {
				continue
			}
			if !v.hears(t) {
				f.Unable(t.Where(""), notReadableBy+t.sender())
				continue
			}
			switch bounce, err := v.bounce(t); {
			case err != nil:
				f.Unable(t.Where(""), err.Error())
			case bounce != "":
				f.Holds(Where{Message: bounce}, "a bounce reached "+t.sender())
			default:
				f.absent(v, t.Where(""), "an SMTP error about "+d.Address+" to the reverse path "+t.sender())
			}
		}
	}
}

// bounce returns the id of a message in the sender's mailbox that tells of the
// transaction and is no certified e-mail; "" when there is none. Bounces are
// ordinary mail, so they are not among the messages of the target.
func (v *View) bounce(t *Transaction) (string, error) {
	for _, m := range v.Case.Messages {
		if !strings.EqualFold(m.Mailbox, t.sender()) {
			continue
		}
		octets, err := v.Case.Blob(m.Blob)
		if err != nil {
			return "", fmt.Errorf("message %s: %w", m.ID, err)
		}
		read, err := pec.Read(octets)
		if err != nil || read.Kind != pec.Ordinary {
			continue
		}
		id := t.clientMessageID()
		if t.Token != "" && strings.Contains(string(octets), t.Token) || id != "" && strings.Contains(string(octets), id) {
			return m.ID, nil
		}
	}
	return "", nil
}

func anomalySigned(v *View, m *Message) []problem {
	signature, err := verified(m.PEC)
	if errors.Is(err, smime.ErrUnsupported) {
		return nil // a limit of this harness
	}
	if err != nil {
		return []problem{{part: "signature", expected: "a valid signature of the receiving provider", seen: err.Error()}}
	}
	p := v.Case.ProviderOf(m.Mailbox)
	if p == nil || signature.Certificate == nil {
		return nil
	}
	for _, address := range signature.Certificate.EmailAddresses {
		if manages(p, address) {
			return nil
		}
	}
	return []problem{{part: "signature", expected: "a certificate of " + p.Name + ", which received the message", seen: shownList(signature.Certificate.EmailAddresses)}}
}

func anomalyWithoutReceipts(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		if !t.Accepted() {
			continue
		}
		var problems []problem
		for _, m := range natured(t.Messages, pec.Delivery, pec.NonDelivery, pec.Delay) {
			problems = append(problems, problem{expected: "no receipt for an anomaly envelope", seen: about(m) + " " + m.ID + " in " + m.Mailbox})
		}
		if len(problems) == 0 && !v.Case.Settled {
			f.Unable(t.Where(""), notSettled)
			continue
		}
		f.report(t.Where, problems, "no receipt")
	}
}

func anomalyCopy(_ *View, m *Message) []problem {
	t := m.Transaction
	if !sameButTrace(t.Sent, m.PEC.Original) {
		return []problem{{part: "enclosed message", expected: "the octets that were sent, with trace fields on top at most", seen: differenceOf(t.Sent, m.PEC.Original)}}
	}
	return nil
}

// anomalyOfImitation: the user can tell by the outer header alone.
func anomalyOfImitation(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		if t.imitation() == nil {
			continue
		}
		if !t.Accepted() {
			f.Holds(t.Where("SMTP"), "refused: "+refusal(t))
			continue
		}
		for _, m := range v.wrapped(t) {
			problems := anomalyHeader(v, m)
			if !strings.HasPrefix(subjectOf(m.PEC.Root), "ANOMALIA MESSAGGIO:") {
				problems = append(problems, problem{part: "header Subject", expected: `"ANOMALIA MESSAGGIO: …"`, seen: shown(subjectOf(m.PEC.Root))})
			}
			f.report(m.Where, problems, "told by its header in "+m.Mailbox)
		}
	}
}

func anomalyForEach(v *View, f *Findings) {
	for _, t := range v.ordinaryTransactions() {
		var local []string
		for _, d := range v.dues(t) {
			if d.Fate == fateDelivered {
				local = append(local, d.Address)
			}
		}
		if !t.Accepted() || len(local) < 2 {
			continue
		}
		for _, address := range local {
			if came := within(v.wrapped(t), address); len(came) > 0 {
				f.Holds(came[0].Where(""), "in "+address)
			} else {
				f.absent(v, t.Where(""), "an anomaly envelope in "+address)
			}
		}
	}
}
