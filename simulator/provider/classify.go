package provider

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/compose"
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
	t      smtp.Transaction
	octets []byte
	at     time.Time // of its arrival

	message   *pec.Message
	signature *smime.Signature // nil when there is none that can be read
	invalid   error            // why the signature does not hold
	signer    *directory.Record

	class  class
	reason string // why it is not correct, in Italian, for the anomaly envelope
	found  string // the virus, "" when none was found

	known *compose.Facts // facts, once they were worked out
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
	{"signer-in-directory", func(_ *Provider, a *arrival) string {
		return when(a.certificate() != nil && a.signer == nil, "Il certificato di firma non è di un gestore di posta certificata")
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
}

// form are the checks that make it a correct one.
var form = []incomingCheck{
	{"from-is-signer", func(_ *Provider, a *arrival) string {
		c := a.certificate()
		return when(c != nil && !slices.ContainsFunc(c.EmailAddresses, func(e string) bool { return sameAddress(e, a.from()) }),
			"Il mittente non corrisponde al certificato di firma")
	}},
	{"from-in-domains", func(_ *Provider, a *arrival) string {
		return when(a.signer != nil && !slices.ContainsFunc(a.signer.ManagedDomains, func(d string) bool {
			return strings.EqualFold(d, domainOf(a.from()))
		}), "Il mittente non appartiene ai domini del gestore che ha firmato")
	}},
	{"kind", func(_ *Provider, a *arrival) string {
		known := a.message.Kind.IsReceipt() || a.message.Kind == pec.TransportEnvelope
		return when(!known, "Il messaggio non è una busta di trasporto né una ricevuta")
	}},
	{"certification-data", certificationProblem},
	{"original-enclosed", func(_ *Provider, a *arrival) string {
		return when(a.message.Kind == pec.TransportEnvelope && a.message.Original == nil, "Il messaggio originale non è presente")
	}},
	{"identifier", func(_ *Provider, a *arrival) string {
		c := a.message.Certification
		return when(a.message.Kind == pec.TransportEnvelope && c != nil &&
			strings.Trim(a.message.Root.Value("Message-ID"), "<> ") != strings.TrimSpace(c.Identifier),
			"L'identificativo del messaggio non corrisponde ai dati di certificazione")
	}},
}

func certificationProblem(_ *Provider, a *arrival) string {
	m := a.message
	switch {
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

// from is the address in From, "" when it cannot be read.
func (a *arrival) from() string {
	address, err := pec.ParseAddress(a.message.Root.Value("From"))
	if err != nil {
		return ""
	}
	return address.String()
}

// classify reads an arrival and decides what it is, once and for all.
func (p *Provider) classify(t smtp.Transaction, octets []byte, at time.Time) (*arrival, error) {
	message, err := pec.Read(octets)
	if err != nil {
		return nil, smtp.Refuse(554, 5, 6, 0, "The message cannot be read: "+err.Error())
	}
	a := &arrival{t: t, octets: octets, at: at, message: message, class: ordinary}
	a.readSignature()
	if c := a.certificate(); c != nil {
		a.signer = p.signerRecord(c, a.from())
	}
	a.found = p.c.Scanner.Scan(octets).Found
	if p.c.Faults.Check("incoming/virus", a.found == "") {
		a.found = ""
	}
	if a.reason = p.firstProblem(authenticity, a); a.reason != "" {
		return a, nil
	}
	a.class = flawed
	if a.reason = p.firstProblem(form, a); a.reason != "" {
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

// readSignature verifies the detached signature over the first part. Where it
// does not hold the certificate is still read: which check fails is told by
// the checks.
func (a *arrival) readSignature() {
	m := a.message
	if m.Signed == nil || m.SignaturePart == nil || len(m.Root.Parts) != 2 {
		return
	}
	der, err := m.SignaturePart.Decoded()
	if err != nil {
		return
	}
	if a.signature, a.invalid = smime.Verify(m.Signed.Raw(), der); a.invalid != nil {
		a.signature, _ = smime.Parse(der)
	}
	if a.signature != nil && a.signature.Certificate == nil {
		a.signature = nil
	}
}

// signerRecord is the directory record of a certificate: where several list
// it, the one that manages the domain of From.
func (p *Provider) signerRecord(c *x509.Certificate, from string) *directory.Record {
	records := p.trust.signers(c)
	for _, r := range records {
		if slices.ContainsFunc(r.ManagedDomains, func(d string) bool { return strings.EqualFold(d, domainOf(from)) }) {
			return r
		}
	}
	if len(records) > 0 {
		return records[0]
	}
	return nil
}

func (p *Provider) firstProblem(checks []incomingCheck, a *arrival) string {
	for _, check := range checks {
		problem := check.problem(p, a)
		if p.c.Faults.Check("incoming/"+check.name, problem == "") {
			continue
		}
		if problem == "" {
			problem = "Il messaggio non è corretto"
		}
		return problem
	}
	return ""
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
	f := compose.FactsOf(a.octets)
	if f.Sender = a.t.ReversePath; f.Sender == "" {
		f.Sender = a.from()
	}
	for _, r := range distinct(a.t.Recipients) {
		f.Recipients = append(f.Recipients, compose.Recipient{Address: r, Certified: true})
	}
	return f
}
