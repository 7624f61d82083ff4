package provider

import (
	"context"
	"slices"

	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/smtp"
)

// What rules do at the doors of a provider, for one sender, recipient or
// message: who is asked, and about what.

// scripted puts the replies that rules give before a service's own.
func (p *Provider) scripted(service string, h smtp.Handler) smtp.Handler {
	return &scriptedHandler{Handler: h, p: p, service: service}
}

type scriptedHandler struct {
	smtp.Handler
	p       *Provider
	service string
}

func (h *scriptedHandler) Mail(ctx context.Context, t smtp.Transaction, size int64) error {
	if r := h.reply(faults.StageMail, faults.Matter{Sender: t.ReversePath}); r != nil {
		return r
	}
	return h.Handler.Mail(ctx, t, size)
}

func (h *scriptedHandler) Recipient(ctx context.Context, t smtp.Transaction, address string) error {
	if r := h.reply(faults.StageRecipient, faults.Matter{Sender: t.ReversePath, Recipients: []string{address}}); r != nil {
		return r
	}
	return h.Handler.Recipient(ctx, t, address)
}

func (h *scriptedHandler) Message(ctx context.Context, t smtp.Transaction, octets []byte) error {
	if h.p.c.Faults.Ruled() { // the header is not read for nothing
		m := faults.Matter{Sender: t.ReversePath, Recipients: t.Recipients, Subject: subjectOf(octets)}
		if r := h.reply(faults.StageMessage, m); r != nil {
			return r
		}
	}
	return h.Handler.Message(ctx, t, octets)
}

// reply is what a rule answers, as an error; nil for nothing.
func (h *scriptedHandler) reply(stage string, m faults.Matter) error {
	r := h.p.c.Faults.About(m).Reply(h.service, stage)
	if r == nil {
		return nil
	}
	return smtp.Refuse(r.Code, r.Enhanced[0], r.Enhanced[1], r.Enhanced[2], r.Text)
}

func subjectOf(octets []byte) string {
	entity, err := rawmime.Parse(octets, rawmime.Limits{Parts: 1})
	if err != nil {
		return ""
	}
	return compose.DecodeSubject(entity.Value("Subject"))
}

// faultsOf are the faults that concern an emission: those of its provider, and
// what it was given of its own.
func (p *Provider) faultsOf(e emission) *faults.Set {
	switch {
	case e.faults != nil:
		return e.faults
	case !p.c.Faults.Ruled():
		return p.c.Faults
	}
	return p.c.Faults.About(faults.MatterOf(e.draft))
}

// matter is what an arrival is about, as far as SMTP and its header say.
func (a *arrival) matter() faults.Matter {
	return faults.Matter{
		Sender: a.t.ReversePath, Recipients: a.t.Recipients,
		Subject: compose.DecodeSubject(a.message.Root.Value("Subject")),
	}
}

// about are the faults that concern the share of one recipient in an arrival.
func (p *Provider) about(a *arrival, recipient string) *faults.Set {
	m := a.matter()
	m.Recipients = []string{recipient}
	return p.c.Faults.About(m)
}

// deliveryChecks are what the delivery point asks of a mailbox; all of it holds
// unless a fault says otherwise.
var deliveryChecks = []struct {
	name    string
	failure *compose.Failure
}{
	{"mailbox", &unknownMailbox},
	{"room", &fullMailbox},
	{"possible", &otherFailure},
}

// hindrance is why a mailbox cannot take a message although it is there: only
// faults say so here. What the store says comes after.
func (p *Provider) hindrance(a *arrival, recipient string) *compose.Failure {
	set := p.about(a, recipient)
	for _, c := range deliveryChecks {
		if !set.Check("delivery/"+c.name, true) {
			return c.failure
		}
	}
	return nil
}

// mailboxOf is the mailbox that mail for an address goes to.
func (p *Provider) mailboxOf(address string) string { return p.c.Reserved.MailboxOf(address) }

// sameMailbox tells whether mail for two lists of addresses may meet.
func (p *Provider) sameMailbox(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return sameAddress(p.mailboxOf(x), p.mailboxOf(y)) })
	})
}
