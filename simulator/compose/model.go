package compose

import (
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/clock"
)

// receiptModel is what tells one receipt or notice from another.
type receiptModel struct {
	kind      pec.Kind
	virus     bool
	token     string // X-Ricevuta and postacert@tipo
	prefix    string // of the subject
	text      readable
	failure   string // postacert@errore; nessuno when empty
	extended  string // errore-esteso
	recipient string // consegna
	to        string // the original sender when empty
}

// receipt makes the draft of any receipt or notice. It carries its own header
// only: nothing is inherited from the original, as real receipts do.
func receipt(p Provider, f Facts, at time.Time, messageID string, m receiptModel) *Draft {
	d := newDraft(p, f, at, m.kind, m.text)
	d.Virus, d.Recipient = m.virus, m.recipient
	if m.to == "" {
		m.to = f.Sender
	}
	d.Header = []HeaderField{
		{Name: "Return-Path", Value: "<" + p.ServiceAddress + ">"},
		{Name: pec.HeaderReceipt, Value: m.token},
	}
	if m.virus {
		d.Add(pec.HeaderSecurityCheck, "errore")
	}
	d.Add("Date", dateValue(at))
	d.Add("Subject", subjectValue(m.prefix, f))
	d.Add("From", p.ServiceAddress)
	d.Add("To", m.to)
	if f.ClientMessageID != "" {
		d.Add(pec.HeaderReference, f.ClientMessageID)
	}
	d.Add("Message-ID", "<"+messageID+">")

	d.Certification = certify(p, f, at, m.token)
	d.Certification.Delivery = m.recipient
	if m.failure != "" {
		d.Certification.Error, d.Certification.ExtendedError = m.failure, m.extended
	}
	return d
}

func newDraft(p Provider, f Facts, at time.Time, kind pec.Kind, text readable) *Draft {
	d := &Draft{
		Kind: kind, Plain: text.plain(), HTML: text.html(), At: at,
		Sender: f.Sender, ReplyTo: f.replyTo(), Service: p.ServiceAddress, Facts: f, random: p.Random,
		Format: Format{SignatureType: p.SignatureType},
	}
	if p.OriginalFirst {
		d.Format.Order = "text original certification"
	}
	return d
}

// envelopeHeader is the header both envelopes share: inherited fields as they
// came, Reply-To added when the original had none, and the name "Per conto di:".
func envelopeHeader(p Provider, f Facts, at time.Time, inherited []HeaderField, name, value, prefix string) []HeaderField {
	var trace, rest []HeaderField
	replyTo := false
	for _, field := range inherited {
		switch strings.ToLower(field.Name) {
		case "return-path", "received":
			trace = append(trace, field)
		default:
			replyTo = replyTo || strings.EqualFold(field.Name, "Reply-To")
			rest = append(rest, field)
		}
	}
	header := append(trace,
		HeaderField{Name: name, Value: value},
		HeaderField{Name: "Date", Value: dateValue(at)},
		HeaderField{Name: "Subject", Value: subjectValue(prefix, f)},
		HeaderField{Name: "From", Value: quoteString("Per conto di: "+f.Sender) + " <" + p.ServiceAddress + ">"})
	if !replyTo {
		reply := f.ReplyTo
		if reply == "" {
			reply = f.Sender
		}
		header = append(header, HeaderField{Name: "Reply-To", Value: reply})
	}
	return append(header, rest...)
}

func certify(p Provider, f Facts, at time.Time, token string) *Certification {
	c := &Certification{
		Type: token, Error: "nessuno",
		Sender: f.Sender, ReplyTo: f.replyTo(), Subject: f.subjectText(), HasSubject: f.HasSubject,
		Issuer: p.Name, Identifier: f.Identifier, MessageID: f.ClientMessageID,
	}
	if c.ReplyTo == "" {
		c.ReplyTo = f.Sender
	}
	for _, r := range f.Recipients {
		kind := "esterno"
		if r.Certified {
			kind = "certificato"
		}
		c.Recipients = append(c.Recipients, CertifiedRecipient{Address: r.Address, Type: kind})
	}
	c.SetInstant(at)
	return c
}

// dateValue is the instant of the certification data, in the form of RFC 5322.
func dateValue(at time.Time) string { return clock.Legal(at).Format("Mon, 02 Jan 2006 15:04:05 -0700") }

// receiptType is what counts of the type asked for: one of the three values as
// written in the rules. Anything else is the default, a complete receipt.
func (f Facts) receiptType() string {
	switch f.ReceiptType {
	case Brief, Concise:
		return f.ReceiptType
	}
	return Complete
}

// replyTo is the bare address of Reply-To, "" when there is none or it cannot be
// read; several are joined by a comma.
func (f Facts) replyTo() string {
	if strings.TrimSpace(f.ReplyTo) == "" {
		return ""
	}
	list, err := pec.ParseAddressList(f.ReplyTo)
	if err != nil {
		return ""
	}
	bare := make([]string, len(list))
	for i, a := range list {
		bare[i] = a.String()
	}
	return strings.Join(bare, ", ")
}

// extended is errore-esteso in the layout seen in the field: code, provider,
// words. The same stands in the readable text.
func (r Reason) extended(p Provider) string {
	if r.Code == "" {
		return r.Text
	}
	return r.Code + " - " + p.Name + " - " + r.Text
}

func virusReason(found string) Reason {
	return Reason{Code: "5.5.1", Text: "presenza di un virus (" + found + ")"}
}
