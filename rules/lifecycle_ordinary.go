package rules

import (
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

// What came in at an incoming point from a host that is no provider: ordinary
// mail, whatever its headers say (RFC 6109 2.2.2).

// ordinaryMail tells that the submission came in at an incoming point and that
// no provider of the directory vouches for it.
func (v *View) ordinaryMail(t *Transaction) bool {
	if t.Dispatch != nil {
		return v.receptionOf(t.Dispatch).class == untrusted
	}
	return t.Channel == evidence.IncomingPoint && t.Sent != nil && !v.vouched(t)
}

// vouched tells that the submitted octets bear a valid signature of a provider
// of the directory, whatever else is wrong with them.
func (v *View) vouched(t *Transaction) bool {
	if t.Dispatch != nil {
		return v.receptionOf(t.Dispatch).class == faulty || v.receptionOf(t.Dispatch).class == correctReceipt
	}
	if t.Sent == nil || v.Trust == nil || v.Trust.Directory == nil {
		return false
	}
	sent, err := pec.Read(t.Sent.Raw())
	if err != nil || sent.Signed == nil || sent.SignaturePart == nil {
		return false
	}
	signature, err := verified(sent)
	if err != nil {
		return false
	}
	certificate := signature.Certificate
	if v.Trust.Revoked != nil {
		for _, entry := range v.Trust.Revoked.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(certificate.SerialNumber) == 0 {
				return false
			}
		}
	}
	now := v.Trust.Instant
	if !now.IsZero() && (now.Before(certificate.NotBefore) || now.After(certificate.NotAfter)) {
		return false
	}
	return len(v.Trust.Directory.RecordsOfCertificate(certificate)) > 0
}

// verified checks the signature of a message over the octets that it covers.
func verified(m *pec.Message) (*smime.Signature, error) {
	if m.Signed == nil || m.SignaturePart == nil {
		return nil, smime.ErrMalformed
	}
	der, err := m.SignaturePart.Decoded()
	if err != nil {
		return nil, err
	}
	return smime.Verify(m.Signed.Raw(), der)
}

// ordinaryTransactions returns the ordinary mail of the scenario.
func (v *View) ordinaryTransactions() []*Transaction {
	return slices.DeleteFunc(v.journeys(), func(t *Transaction) bool { return !v.ordinaryMail(t) })
}

// wrapped returns what came of ordinary mail to the mailboxes of its certified
// recipients: messages that must be anomaly envelopes, whatever they are.
func (v *View) wrapped(t *Transaction) []*Message {
	var all []*Message
	for _, m := range t.Messages {
		if m.Role == evidence.UserMailbox && holdsAddress(t.addressees(), m.Mailbox) && !slices.Contains(receiptKinds, nature(m)) {
			all = append(all, m)
		}
	}
	return all
}

// ordinary compares what came of ordinary mail: accepted, one anomaly envelope
// for each recipient; infected or refused, nothing; receipts never.
func (l *ledger) ordinary() {
	t := l.t
	l.refuse(natured(t.Messages, receiptKinds...), "", "no receipt: the message is ordinary mail")
	for _, d := range l.v.dues(t) {
		came := within(l.v.wrapped(t), d.Address)
		switch {
		case !t.Accepted():
			l.refuse(came, d.Address, "nothing: the message was refused by SMTP")
		case d.Fate == fateInfected:
			l.refuse(came, d.Address, "nothing: the message carries the virus "+t.Infected)
		case d.Fate == fateFull:
			l.refuse(came, d.Address, "nothing in a mailbox that is full")
		case d.Fate == fateDelivered:
			l.count(pec.AnomalyEnvelope, d.Address, d.Address, came, "anomaly envelope in the mailbox of "+d.Address)
		}
	}
}
