package rules

import "github.com/collaudo/collaudo/pec"

// Expectations about what the harness sent in the role of a provider.

// dispatchRefused: refused by SMTP, and nothing came of it.
func (q *question) dispatchRefused(by string) {
	t := q.t
	const want = "a refusal by SMTP"
	switch {
	case by == "notice":
		q.f.amiss(q.e, "nobody answers another provider with a notice of refusal")
	case len(t.Messages) > 0:
		m := t.Messages[0]
		q.f.Broken(m.Where(""), want+", and nothing delivered", about(m)+" in "+m.Mailbox)
	case t.Accepted():
		q.f.Broken(t.Where("SMTP"), want, "accepted: "+shownReply(t.DataReply))
	case t.temporary():
		q.f.Broken(t.Where("SMTP"), want+", for good", "a temporary error: "+refusal(t))
	case !t.answered():
		q.f.Unable(t.Where("SMTP"), noFinalReply)
	default:
		q.f.Holds(t.Where("SMTP"), "refused by SMTP: "+refusal(t))
	}
}

// dispatchAccepted: an envelope that is accepted is taken in charge, anything
// else was answered with a positive reply.
func (q *question) dispatchAccepted() {
	t := q.t
	taken := natured(t.Messages, pec.TakenInCharge)
	switch {
	case !t.Accepted():
		q.f.Broken(t.Where("SMTP"), "a positive reply to the final dot", "refused by SMTP: "+refusal(t))
	case t.Dispatch.meantAs() != pec.TransportEnvelope:
		q.f.Holds(t.Where("SMTP"), shownReply(t.DataReply))
	case len(taken) == 0:
		q.f.absent(q.v, t.Where(""), "a presa-in-carico for the envelope")
	default:
		q.f.Holds(taken[0].Where(""), "taken in charge")
	}
}
