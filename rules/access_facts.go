package rules

import (
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// What became of a submission at the access point. These readers state facts;
// which outcome a rule demands is said by its judge. What a submission breaks
// is worked out in access_breaches.go.

// accessSubmissions returns the submissions of authenticated users at the
// submission service of a provider that is judged: what the rules of the
// access point are about.
func accessSubmissions(v *View) []*Transaction {
	var all []*Transaction
	for _, t := range v.Transactions {
		if throughSubmission(t) && t.Authenticated && v.judged(t.Host) {
			all = append(all, t)
		}
	}
	return all
}

// throughSubmission tells whether the submission went through the submission
// service on a protected channel.
func throughSubmission(t *Transaction) bool {
	return t.Channel == evidence.SubmissionTLS || t.Channel == evidence.SubmissionSTARTTLS
}

// judged tells whether verdicts are given on that provider. One that the world
// does not describe is the target itself.
func (v *View) judged(provider string) bool {
	p := v.provider(provider)
	return p == nil || p.Emitter == evidence.Target || p.Emitter == ""
}

// outcome is what is seen of a submission's fate at the access point.
type outcome struct {
	acceptances []*Message
	notices     []*Message // non-acceptance, formal and for virus
	envelopes   []envelopeSeen
	stage       string         // command that SMTP refused: "MAIL FROM", "RCPT TO", "DATA"; "" when none
	reply       evidence.Reply // the reply that refused
	unanswered  bool           // the dialogue ended before the final dot was answered
}

func outcomeOf(t *Transaction) outcome {
	o := outcome{acceptances: t.OfKind(pec.Acceptance), notices: t.OfKind(pec.NonAcceptance), envelopes: envelopesOf(t)}
	switch {
	case t.MailReply.Code >= 400:
		o.stage, o.reply = "MAIL FROM", t.MailReply
	case len(t.Recipients) > 0 && len(t.recipients()) == 0:
		o.stage, o.reply = "RCPT TO", t.Recipients[len(t.Recipients)-1].Reply
	case t.DataReply.Code >= 400:
		o.stage, o.reply = "DATA", t.DataReply
	case t.DataReply.Code == 0:
		o.unanswered = true
	}
	return o
}

// accepted tells that something was emitted that only an accepted message has.
func (o outcome) accepted() bool { return len(o.acceptances) > 0 || len(o.envelopes) > 0 }

// contentJudged tells that the access point had the octets before it refused.
func (o outcome) contentJudged() bool { return o.stage == "" || o.stage == "DATA" }

// temporary tells a 4xx refusal: the target has not decided yet.
func (o outcome) temporary() bool { return o.stage != "" && o.reply.Code < 500 }

// smtp says the SMTP refusal for a person.
func (o outcome) smtp() string {
	return fmt.Sprintf("SMTP refused at %s: %s", o.stage, shownReply(o.reply))
}

// String says what was seen, for a person.
func (o outcome) String() string {
	parts := []string{counted(len(o.acceptances), "acceptance", o.acceptances)}
	parts = append(parts, counted(len(o.notices), "notice", o.notices))
	var carriers []*Message
	for _, e := range o.envelopes {
		carriers = append(carriers, e.Message)
	}
	parts = append(parts, counted(len(carriers), "transport envelope", carriers))
	if o.stage != "" {
		parts = append(parts, o.smtp())
	}
	return strings.Join(parts, "; ")
}

func counted(n int, noun string, messages []*Message) string {
	if n == 0 {
		return "no " + noun
	}
	ids := make([]string, 0, n)
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	return fmt.Sprintf("%s (%s)", plural(n, noun), strings.Join(ids, ", "))
}

func shownReply(r evidence.Reply) string {
	return strings.TrimSpace(strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, r.Text)), " "))
}

// envelopeSeen is a transport envelope in evidence: a message of its own, or
// what an anomaly envelope encloses, for an envelope that the next provider
// found faulty still says how the first one made it.
type envelopeSeen struct {
	*Message              // the message that lies in a mailbox
	Envelope *pec.Message // the transport envelope itself
	Wrapped  bool         // it was found inside an anomaly envelope
}

// envelopesOf returns the transport envelopes of the transaction.
func envelopesOf(t *Transaction) []envelopeSeen { return envelopesAmong(t.Messages) }

// envelopesOfAccess returns the transport envelopes that access points made,
// those without a known submission included.
func envelopesOfAccess(v *View) []envelopeSeen {
	var all []envelopeSeen
	for _, e := range envelopesAmong(v.Messages) {
		if e.Transaction == nil || e.Transaction.Channel != evidence.IncomingPoint {
			all = append(all, e)
		}
	}
	return all
}

func envelopesAmong(messages []*Message) []envelopeSeen {
	var all []envelopeSeen
	for _, m := range messages {
		switch {
		case isEnvelope(m.PEC):
			all = append(all, envelopeSeen{Message: m, Envelope: m.PEC})
		case m.PEC.Kind == pec.AnomalyEnvelope && m.PEC.Original != nil:
			if m.Transaction == nil || m.Transaction.Channel == evidence.IncomingPoint || m.Transaction.fromPeer() {
				continue // not known to be an access point's work, or of somebody who is not judged
			}
			if inner, err := pec.Read(m.PEC.Original.Raw()); err == nil && isEnvelope(inner) {
				all = append(all, envelopeSeen{Message: m, Envelope: inner, Wrapped: true})
			}
		}
	}
	return all
}

// isEnvelope tells a transport envelope by its header or, where the header is
// damaged, by the certification data: no receipt has that type.
func isEnvelope(m *pec.Message) bool {
	if m.Kind == pec.TransportEnvelope {
		return true
	}
	certified := m.Certification != nil && m.Certification.Type == "posta-certificata"
	return certified && (m.Kind == pec.Ordinary || m.Kind == pec.Unclear)
}

// scannerKnows tells that the submission is infected with something that the
// provider's scanner is told to know.
func scannerKnows(t *Transaction, provider string) bool {
	if t.Infected == "" {
		return false
	}
	for _, known := range t.KnownTo {
		if known == provider {
			return true
		}
	}
	return len(t.KnownTo) == 0
}

// twinRefused tells that the well-formed twin of the scenario was not accepted,
// so that refusals prove nothing.
func twinRefused(v *View, t *Transaction) bool {
	if t.Twin || !v.Case.Settled {
		return false
	}
	for _, other := range v.Transactions {
		if other.Twin && len(other.OfKind(pec.Acceptance)) == 0 {
			return true
		}
	}
	return false
}

// Reasons why an answer could not be given.
const (
	notSettled    = "the target had not settled when the mailboxes were read: absence proves nothing"
	twinWasToo    = "the well-formed twin was not accepted either"
	noFinalReply  = "the SMTP dialogue ended without an answer to the final dot"
	notReadableBy = "the harness does not read the mailbox "
)
