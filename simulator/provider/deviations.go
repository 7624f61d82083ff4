package provider

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
)

// More of the named behaviours of behaviours.go: what a faulty provider does to
// its users, to its limits and to what it keeps.

// identifierOf is the PEC msgid of a submission: a new one each time, in the
// provider's own domain.
func (a *access) identifierOf(s *submission) (string, error) {
	id, err := a.identifier(s.at)
	switch local, _, _ := strings.Cut(id, "@"); {
	case err != nil:
		return "", err
	case a.c.Faults.On("identifier-repeated"):
		return "pec" + s.at.UTC().Format("2006010215") + "@" + a.identity.Domain, nil
	case a.c.Faults.On("identifier-of-customer"):
		return local + "@" + domainOf(s.t.ReversePath), nil
	}
	return id, nil
}

// recipientsOf are the forward paths of a submission, each once.
func (a *access) recipientsOf(t smtp.Transaction) []string {
	if a.c.Faults.On("recipients-repeated") {
		return t.Recipients
	}
	return distinct(t.Recipients)
}

// sameSender tells whether From names the reverse path.
func (p *Provider) sameSender(from, reversePath string) bool {
	if p.c.Faults.On("sender-by-letter-case") {
		return from == reversePath
	}
	return sameAddress(from, reversePath)
}

// listed tells whether the directory has the domain of an address, whatever its
// letter case.
func (p *Provider) listed(address string) bool {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	if p.c.Faults.On("domains-by-letter-case") && domain != strings.ToLower(domain) {
		return false
	}
	return p.trust.record(domainOf(address)) != nil
}

// mostRecipients, mostOctets and mostInAll are the limits of the access point:
// those that the provider states.
func (p *Provider) mostRecipients() int {
	if p.c.Faults.On("forty-recipients") {
		return min(40, p.c.Limits.MaxRecipients)
	}
	return p.c.Limits.MaxRecipients
}

func (p *Provider) mostOctets() int64 {
	switch {
	case p.c.Faults.On("any-size"):
		return 2 * p.c.Limits.NoticeBytes
	case p.c.Faults.On("size-refused-by-smtp"):
		return 500 << 10
	}
	return p.c.Limits.NoticeBytes
}

func (p *Provider) mostInAll() int64 {
	if p.c.Faults.On("ten-megabytes-in-all") {
		return min(10<<20, p.c.Limits.MaxTotalBytes)
	}
	return p.c.Limits.MaxTotalBytes
}

// admits is the TLS that the incoming point wants of a sender: none.
func (in *incoming) admits(t smtp.Transaction) error {
	if in.c.Faults.On("tls-required") && !t.TLS {
		return smtp.Refuse(530, 5, 7, 0, "Must issue a STARTTLS command first")
	}
	return nil
}

// passedOn are the octets of a receipt that the user's mailbox gets: those
// received.
func (p *Provider) passedOn(a *arrival) []byte {
	if !p.c.Faults.On("alter-receipts") {
		return a.octets
	}
	body := a.message.Root.BodyStart
	return append(bytes.Clone(a.octets[:body:body]), bytes.Replace(a.octets[body:], []byte("Ricevuta"), []byte("RICEVUTA"), 1)...)
}

// noticeMailboxes are where a receipt between providers is kept: the service
// mailbox, which belongs to no user.
func (p *Provider) noticeMailboxes(a *arrival) []string {
	switch {
	case p.c.Faults.On("service-receipts-lost"):
		return nil
	case p.c.Faults.On("service-receipts-to-users"):
		if user, ok := p.user(a.facts().Sender); ok {
			return []string{p.c.ServiceMailbox, user.Address}
		}
	}
	return []string{p.c.ServiceMailbox}
}

// kept are the octets of an infected message that the special store gets.
func (p *Provider) kept(octets []byte) []byte {
	if !p.c.Faults.On("quarantine-altered") {
		return octets
	}
	return append(bytes.Clone(octets), "\r\n[messaggio infetto]\r\n"...)
}

// takesAnyPassword says whether a mailbox opens to whoever knocks.
func (p *Provider) takesAnyPassword() bool { return p.c.Faults.On("any-password") }

// serverTLS is the TLS configuration of the provider's services.
func (p *Provider) serverTLS() *tls.Config {
	c := &tls.Config{Certificates: []tls.Certificate{p.c.Server}, MinVersion: tls.VersionTLS12, Time: p.c.Clock.Now}
	if p.c.Faults.On("old-tls") {
		c.MinVersion = tls.VersionTLS10
	}
	return c
}

// besidesReceipt is what a provider does besides passing a receipt on to its
// user: nothing.
func (p *Provider) besidesReceipt(a *arrival) error {
	if p.c.Faults.On("receipts-to-service-mailbox") {
		m := store.Message{Received: a.at, Trace: store.Trace{ReversePath: a.t.ReversePath, Recipient: p.c.ServiceMailbox}}
		if _, err := p.c.Store.Append(p.c.ServiceMailbox, store.Inbox, a.octets, m, true); err != nil {
			return err
		}
	}
	if !p.c.Faults.On("receipts-taken-in-charge") {
		return nil
	}
	id, err := p.identifier(a.at)
	if err != nil {
		return err
	}
	facts := a.facts()
	facts.Identifier = strings.Trim(a.message.Root.Value("Message-ID"), "<> ")
	return p.emit(emission{
		draft: compose.TakenInCharge(p.identity, facts, a.at, id, distinct(a.t.Recipients), a.mailReceipt()),
		facts: facts, event: journal.TakenInCharge, to: []string{a.mailReceipt()}, issuer: a.issuer(),
	})
}

// keep stores what another provider told this one.
func (p *Provider) keep(a *arrival) error {
	for _, mailbox := range p.noticeMailboxes(a) {
		m := store.Message{Received: a.at, Body: a.hashOf(a.octets), Trace: store.Trace{ReversePath: a.t.ReversePath, Recipient: mailbox}}
		if _, err := p.c.Store.Append(mailbox, store.Inbox, a.octets, m, true); err != nil {
			return fmt.Errorf("keep a receipt of another provider: %w", err)
		}
		p.stored(a, mailbox)
	}
	return nil
}
