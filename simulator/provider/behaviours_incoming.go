package provider

import (
	"bytes"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/compose"
	"github.com/collaudo/collaudo/simulator/store"
)

// The named behaviours of the incoming point and of the delivery point.

// findable are the records in which the certificate is looked for: those that
// the directory found by its hash, in whatever letter case.
func (p *Provider) findable(records []*directory.Record, c *x509.Certificate) []*directory.Record {
	sum := sha1.Sum(c.Raw)
	return slices.DeleteFunc(slices.Clone(records), func(r *directory.Record) bool {
		switch {
		case p.c.Faults.On("hash-by-letter-case"):
			return !slices.Contains(r.CertificateHashes, strings.ToUpper(hex.EncodeToString(sum[:])))
		case p.c.Faults.On("first-certificate-only"):
			return len(r.Certificates) == 0 || !r.Certificates[0].Equal(c)
		}
		return false
	})
}

// furtherProblem is what else a message has to be to count as correct: nothing.
// Neither the order of the parts, nor further ones, nor the readable text, nor
// what is inside an original are looked at.
func (p *Provider) furtherProblem(a *arrival) string {
	switch {
	case p.c.Faults.On("parts-in-one-order") && a.message.Kind.IsEnvelope() && !usualParts(a.message):
		return "Le parti del messaggio non sono nell'ordine previsto"
	case p.c.Faults.On("decides-by-text") && !usualText(a.message):
		return "Il testo del messaggio non è quello previsto"
	case p.c.Faults.On("wants-optional-attributes") && withoutOptional(a.message.Certification):
		return "Nei dati di certificazione mancano attributi"
	case p.c.Faults.On("verifies-enclosed-signature") && a.message.Kind == pec.Delivery && enclosedBroken(a.message):
		return "La firma del messaggio originale non è valida"
	}
	return ""
}

func usualParts(m *pec.Message) bool {
	return m.Content != nil && len(m.Content.Parts) == 3 && len(m.CertificationParts) == 1 && m.Content.Parts[1] == m.CertificationParts[0]
}

// usualText tells whether the readable text says what kind of message this is.
func usualText(m *pec.Message) bool {
	words := map[pec.Kind]string{
		pec.TransportEnvelope: "posta certificata", pec.Delivery: "avvenuta consegna", pec.NonDelivery: "mancata consegna",
		pec.TakenInCharge: "presa in carico", pec.VirusDetection: "virus",
	}[m.Kind]
	if m.PlainText == nil || words == "" {
		return words == ""
	}
	text, _ := m.PlainText.Decoded()
	return bytes.Contains(bytes.ToLower(text), []byte(words))
}

func withoutOptional(c *certification.Data) bool {
	return c != nil && (!c.ErrorGiven || slices.ContainsFunc(c.Recipients, func(r certification.Recipient) bool { return !r.TypeGiven }))
}

func enclosedBroken(m *pec.Message) bool {
	if m.Original == nil {
		return false
	}
	inner, err := pec.Read(m.Original.Raw())
	if err != nil || inner.Signed == nil || inner.SignaturePart == nil {
		return false
	}
	der, err := inner.SignaturePart.Decoded()
	if err == nil {
		_, err = smime.Verify(inner.Signed.Raw(), der)
	}
	return err != nil
}

// toleratesHostile tells whether certification data that cannot be read pass
// all the same: never.
func (p *Provider) toleratesHostile(a *arrival) bool {
	var e *certification.Error
	if !p.c.Faults.On("hostile-data-tolerated") || !errors.As(a.message.CertificationErr, &e) {
		return false
	}
	return slices.Contains([]string{certification.CodeEntity, certification.CodeInternalSubset, certification.CodeRepeatedElement}, e.Code)
}

// charges tells whether a transaction with a correct envelope has its receipt:
// each one.
func (p *Provider) charges(a *arrival) bool {
	if !p.c.Faults.On("first-transaction-charged-only") {
		return true
	}
	before, err := p.once(a, "charge", "")
	return err != nil || !before
}

// dropsFlawed tells whether a signed message with a formal error is lost: it
// reaches its user inside an anomaly envelope.
func (p *Provider) dropsFlawed(a *arrival) bool {
	receipt := a.message.Kind.IsReceipt()
	return p.c.Faults.On("formal-errors-dropped") || receipt && p.c.Faults.On("flawed-receipts-dropped")
}

// letsInfectedIn tells whether an infected message that is no correct envelope
// goes the way of a clean one: nothing infected does.
func (p *Provider) letsInfectedIn(a *arrival) bool {
	switch a.class {
	case flawed:
		return p.c.Faults.On("infected-as-anomaly")
	case userReceipt:
		return p.c.Faults.On("infected-receipts-delivered")
	}
	return false
}

// takesUnknown tells whether ordinary mail for a mailbox that does not exist is
// taken, so that its sender can be told by a notice: it is refused.
func (p *Provider) takesUnknown() bool { return p.c.Faults.On("non-delivery-of-ordinary") }

// wrapsNothing tells whether ordinary mail goes into mailboxes as it came.
func (p *Provider) wrapsNothing() bool { return p.c.Faults.On("anomaly-unwrapped") }

// throwsAway tells whether infected messages are kept nowhere.
func (p *Provider) throwsAway() bool { return p.c.Faults.On("no-quarantine") }

// putDown stores an envelope in a mailbox, within its quota.
func (p *Provider) putDown(mailbox string, octets []byte, m store.Message) error {
	if p.c.Faults.On("receipt-without-delivery") {
		return nil
	}
	_, err := p.c.Store.Append(mailbox, store.Inbox, octets, m, false)
	if errors.Is(err, store.ErrQuota) && p.c.Faults.On("full-mailbox-delivered") {
		return nil
	}
	return err
}

// primary tells whether a recipient counts as one of To: by the header of the
// envelope, and wherever that does not say otherwise.
func (p *Provider) primary(a *arrival, recipient string) bool {
	is := compose.Primary(a.octets, recipient)
	named, readable := named(a.message.Root, recipient)
	if !named && p.c.Faults.On("unlisted-recipient-is-copy") || !readable && p.c.Faults.On("unreadable-addressees-are-copies") {
		is = false
	}
	return p.about(a, recipient).Check("delivery/primary", is)
}

// named tells whether To or Cc hold an address, and whether they can be read.
func named(root *rawmime.Entity, recipient string) (found, readable bool) {
	readable = true
	for _, value := range append(root.Values("To"), root.Values("Cc")...) {
		list, err := pec.ParseAddressList(value)
		readable = readable && err == nil
		found = found || slices.ContainsFunc(list, func(a pec.Address) bool { return sameAddress(a.String(), recipient) })
	}
	return found, readable
}

// forgetsOutcomes tells whether an envelope that comes again is a new one.
func (p *Provider) forgetsOutcomes() bool { return p.c.Faults.On("delivers-again") }

// repeatsReceipts tells whether an envelope that comes again gives its receipt
// again.
func (p *Provider) repeatsReceipts() bool { return p.c.Faults.On("receipt-again") }
