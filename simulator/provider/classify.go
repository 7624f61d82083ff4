package provider

import (
	"context"
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/smtp"
)

// class is what an incoming message is to the incoming point (RFC 6109 3.2).
type class int

const (
	ordinary       class = iota // not from a certified mail provider, as far as can be proven
	flawed                      // signed by a provider, but not as a message of certified mail has to be
	envelope                    // a correct transport envelope
	userReceipt                 // a correct receipt or notice for a user
	providerNotice              // a correct TakenInCharge or VirusDetection
)

// arrival is a message at the incoming point, read once.
type arrival struct {
	id     string
	body   string // hash of the octets, where it is known
	t      smtp.Transaction
	octets []byte
	at     time.Time // of its arrival

	message   *pec.Message
	signature *smime.Signature // nil when there is none that can be read
	invalid   error            // why the signature does not hold
	opaque    []byte           // what a signature that is no detached one encloses
	signer    *directory.Record

	class  class
	reason string // why it is not correct, in Italian, for the anomaly envelope
	found  string // the virus, or what else the scanner would not answer for; "" when it is clean

	sender string         // from, once it was worked out
	known  *compose.Facts // facts, once they were worked out
	faults *faults.Set    // that concern it
}

// incomingCheck is one check of the incoming point. problem gives a short
// reason in Italian, or "". As at the access point, a check looks at its own
// matter only.
type incomingCheck struct {
	name    string
	problem func(p *Provider, a *arrival) string
}

const notAuthentic = "Firma non presente o non autentica"

// authenticity are the checks that make a message one of a certified mail
// provider (RFC 6109 3.2, 4.5, 5.1).
var authenticity = []incomingCheck{
	{"signature-present", func(_ *Provider, a *arrival) string { return when(a.signature == nil, notAuthentic) }},
	{"signature-valid", func(_ *Provider, a *arrival) string {
		return when(a.signature != nil && a.invalid != nil, notAuthentic)
	}},
	// The hash finds the record; the certificate in it is the proof (RFC 6109 2.2.2).
	{"signer-in-directory", func(_ *Provider, a *arrival) string {
		return when(a.certificate() != nil && a.signer == nil, "Il certificato di firma non è di un gestore di posta certificata")
	}},
	{"signer-certificate", func(_ *Provider, a *arrival) string {
		return when(a.signer != nil && !lists(a.signer, a.certificate()), "Il certificato di firma non è quello che il gestore ha nell'indice")
	}},
	{"signer-not-revoked", func(p *Provider, a *arrival) string {
		return when(a.certificate() != nil && p.trust.revoked(a.certificate()), "Il certificato di firma è stato revocato")
	}},
	{"signer-not-expired", func(_ *Provider, a *arrival) string {
		c := a.certificate()
		return when(c != nil && (a.at.Before(c.NotBefore) || a.at.After(c.NotAfter)), "Il certificato di firma è scaduto")
	}},
	{"signer-chain", func(p *Provider, a *arrival) string {
		c := a.certificate()
		return when(c != nil && !p.trust.chains(c, a.signature.Certificates), "Il certificato di firma non è attendibile")
	}},
	// A signature speaks for the domains of its provider and for no others.
	{"from-in-domains", func(_ *Provider, a *arrival) string {
		return when(a.signer != nil && !a.signer.Manages(domainOf(a.from())), "Il mittente non appartiene ai domini del gestore che ha firmato")
	}},
}

// form are the checks that make it a correct one.
var form = []incomingCheck{
	{"signed-form", func(_ *Provider, a *arrival) string {
		return when(a.opaque != nil, "La firma non è nella forma prevista")
	}},
	{"from-is-signer", func(_ *Provider, a *arrival) string {
		c := a.certificate()
		return when(c != nil && !slices.ContainsFunc(c.EmailAddresses, func(e string) bool { return sameAddress(e, a.from()) }),
			"Il mittente non corrisponde al certificato di firma")
	}},
	{"kind", func(_ *Provider, a *arrival) string {
		known := a.message.Kind.IsReceipt() || a.message.Kind == pec.TransportEnvelope
		return when(!known, "Il messaggio non è una busta di trasporto né una ricevuta")
	}},
	{"certification-data", certificationProblem},
	{"original-enclosed", func(_ *Provider, a *arrival) string {
		return when(a.message.Kind == pec.TransportEnvelope && a.message.Original == nil, "Il messaggio originale non è presente")
	}},
	{"recipients-listed", func(_ *Provider, a *arrival) string {
		return when(a.message.Kind == pec.TransportEnvelope && a.message.Certification != nil && slices.ContainsFunc(a.t.Recipients, a.unlisted),
			"Un destinatario non è tra quelli dei dati di certificazione")
	}},
	{"identifier", func(_ *Provider, a *arrival) string {
		c := a.message.Certification
		return when(a.message.Kind == pec.TransportEnvelope && c != nil &&
			bareIdentifier(a.message.Root.Value("Message-ID")) != strings.TrimSpace(c.Identifier),
			"L'identificativo del messaggio non corrisponde ai dati di certificazione")
	}},
	{"nothing-else", (*Provider).furtherProblem},
}

func certificationProblem(p *Provider, a *arrival) string {
	m := a.message
	switch {
	case p.toleratesHostile(a):
		return ""
	case len(m.CertificationParts) == 0:
		return "I dati di certificazione non sono presenti"
	case len(m.CertificationParts) > 1, m.Certification == nil:
		return "I dati di certificazione non sono validi"
	case m.Kind != pec.Ordinary && m.Kind != pec.Unclear && m.Certification.Type != m.Kind.Token():
		return "I dati di certificazione sono di un altro tipo di messaggio"
	}
	return ""
}

func (a *arrival) certificate() *x509.Certificate {
	if a.signature == nil {
		return nil
	}
	return a.signature.Certificate
}

// hashOf is the hash of octets that are those that came; "" of others, and when
// it is not known.
func (a *arrival) hashOf(octets []byte) string {
	if len(octets) != len(a.octets) || len(octets) == 0 || &octets[0] != &a.octets[0] {
		return ""
	}
	return a.body
}

// from is the address in From, "" when it cannot be read.
func (a *arrival) from() string {
	if a.sender == "" {
		if address, err := pec.ParseAddress(a.message.Root.Value("From")); err == nil {
			a.sender = address.String()
		}
	}
	return a.sender
}

// classify reads an arrival and decides what it is, once and for all.
func (p *Provider) classify(ctx context.Context, t smtp.Transaction, octets []byte, at time.Time) (*arrival, error) {
	message, err := pec.Read(octets)
	if err != nil {
		return nil, smtp.Refuse(554, 5, 6, 0, "The message cannot be read: "+err.Error())
	}
	if p.c.Read != nil {
		p.c.Read(t.SHA256, message)
	}
	preferOriginal(message)
	a := &arrival{t: t, octets: octets, at: at, message: message, class: ordinary, body: t.SHA256}
	a.faults = p.c.Faults.About(a.matter())
	a.readSignature(p.signers)
	if c := a.certificate(); c != nil {
		a.signer = signerRecord(p.findable(p.trust.signers(c), c), c, a.from())
	}
	if err := p.scan(ctx, a); err != nil {
		return nil, err
	}
	if a.reason = p.firstProblem(authenticity, a); a.reason != "" {
		return a, nil
	}
	a.class = flawed
	if problem := p.firstProblem(form, a); problem != "" {
		a.reason = "Errore formale: " + problem
		return a, nil
	}
	switch a.message.Kind {
	case pec.TransportEnvelope:
		a.class = envelope
	case pec.TakenInCharge, pec.VirusDetection:
		a.class = providerNotice
	default:
		a.class = userReceipt
	}
	return a, nil
}

func (p *Provider) firstProblem(checks []incomingCheck, a *arrival) string {
	for _, check := range checks {
		problem := check.problem(p, a)
		if a.faults.Check("incoming/"+check.name, problem == "") {
			continue
		}
		if problem == "" {
			problem = "Il messaggio non è corretto"
		}
		return problem
	}
	return ""
}

// unlisted tells whether the certification data leave a recipient out: whoever
// delivered to it would certify what the sending provider did not.
func (a *arrival) unlisted(recipient string) bool {
	return !slices.ContainsFunc(a.message.Certification.Recipients, func(r certification.Recipient) bool {
		return sameAddress(strings.TrimSpace(r.Address), recipient)
	})
}

// facts are what is known of the message that the arrival is about: by its
// certification data where there are any, else by its header and SMTP envelope.
func (a *arrival) facts() compose.Facts {
	if a.known == nil {
		f := a.readFacts()
		a.known = &f
	}
	return *a.known
}

func (a *arrival) readFacts() compose.Facts {
	if a.class != ordinary && a.message.Certification != nil {
		return compose.FactsOfSystem(a.message)
	}
	return a.headerFacts()
}

// headerFacts are what SMTP and the header say.
func (a *arrival) headerFacts() compose.Facts {
	f := compose.FactsOf(a.octets)
	if f.Sender = a.t.ReversePath; f.Sender == "" {
		f.Sender = a.from()
	}
	for _, r := range distinct(a.t.Recipients) {
		f.Recipients = append(f.Recipients, compose.Recipient{Address: r, Certified: true})
	}
	if a.class != ordinary { // a provider's message about another one, whose header names both
		f.Identifier = bareIdentifier(f.ClientMessageID)
		f.ClientMessageID = strings.TrimSpace(a.message.Root.Value(pec.HeaderReference))
	}
	return f
}

func bareIdentifier(id string) string { return strings.Trim(strings.TrimSpace(id), "<> ") }

// certification are the certification data; empty ones where there are none,
// which happens only where a fault let a message pass without.
func (a *arrival) certification() *certification.Data {
	if a.message.Certification == nil {
		return &certification.Data{Identifier: a.facts().Identifier}
	}
	return a.message.Certification
}
