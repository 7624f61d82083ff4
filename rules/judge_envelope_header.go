package rules

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// envelopeHeaderJudges answers for the header fields that the access point
// makes or changes (RFC 6109 3.1.5).
func envelopeHeaderJudges() []Judge {
	return []Judge{
		{Rule: "PEC-TE-001", Looks: "X-Trasporto of the envelope", Look: eachEnvelope(envelopeTransport)},
		{Rule: "PEC-TE-002", Looks: "Date of the envelope against the acceptance and the client's Date", Look: eachEnvelope(envelopeDate)},
		{Rule: "PEC-TE-003", Looks: "Subject of the envelope", Look: eachEnvelope(envelopeSubject)},
		{Rule: "PEC-TE-004", Looks: "From of the envelope: Per conto di, and the service address", Look: eachEnvelope(envelopeFrom)},
		{Rule: "PEC-TE-009", Looks: "Message-ID of the envelope against identificativo", Look: eachEnvelope(envelopeMessageID)},
		{Rule: "PEC-TE-010", Looks: "X-TipoRicevuta of the envelope: as requested, or absent", Look: eachAccessEnvelope(envelopeReceiptType)},
		{Rule: "PEC-TE-020", Looks: "all header fields of the envelope: no Bcc and no address from it", Look: eachEnvelope(envelopeBlind)},
	}
}

func envelopeTransport(_ *View, f *Findings, e envelopeSeen) {
	values := e.Envelope.Root.Values(pec.HeaderTransport)
	if len(values) == 1 && strings.EqualFold(fold(values[0]), "posta-certificata") {
		f.Holds(e.Where("header X-Trasporto"), values[0])
	} else {
		f.Broken(e.Where("header X-Trasporto"), "X-Trasporto: posta-certificata", shownValues(values))
	}
}

// acceptanceInstant returns the instant of acceptance: that of the acceptance
// receipt or, where none was seen, that of the envelope's own data.
func acceptanceInstant(e envelopeSeen) (at time.Time, source string, ok bool) {
	if e.Transaction != nil {
		for _, m := range e.Transaction.OfKind(pec.Acceptance) {
			if c := m.PEC.Certification; c != nil {
				if at, err := certifiedInstant(c); err == nil {
					return at, "the acceptance", true
				}
			}
		}
	}
	if c := e.Envelope.Certification; c != nil {
		if at, err := certifiedInstant(c); err == nil {
			return at, "the certification data", true
		}
	}
	return time.Time{}, "", false
}

func envelopeDate(_ *View, f *Findings, e envelopeSeen) {
	where := e.Where("header Date")
	want, source, known := acceptanceInstant(e)
	date, err := headerInstant(e.Envelope.Root)
	if err != nil {
		f.Broken(where, "Date with the instant of acceptance", shownValues(e.Envelope.Root.Values("Date")))
		return
	}
	if !known {
		return
	}
	expected, seen := "Date at "+want.Format(time.RFC3339)+", the instant of "+source, date.Format(time.RFC3339)
	switch late := date.Sub(want); {
	case late == 0:
		f.Holds(where, seen)
	case isClientDate(e, date):
		f.Broken(where, expected, seen+", the client's Date")
	case late > 0 && late <= dateTolerance:
		f.Deviates(where, expected, seen)
	default:
		f.Broken(where, expected, seen)
	}
}

func isClientDate(e envelopeSeen, date time.Time) bool {
	if e.Transaction == nil || e.Transaction.Sent == nil {
		return false
	}
	client, err := mail.ParseDate(e.Transaction.Sent.Value("Date"))
	return err == nil && client.Equal(date)
}

func envelopeSubject(_ *View, f *Findings, e envelopeSeen) {
	judgeSubject(f, e.Message, subjectOf(e.Envelope.Root), prefixOf(pec.TransportEnvelope, false))
}

// envelopeFrom: the display name carries the sender's address only; the mailbox
// is the provider's, or the signature could not be verified (RFC 6109 2.1).
func envelopeFrom(v *View, f *Findings, e envelopeSeen) {
	where, value := e.Where("header From"), e.Envelope.Root.Value("From")
	sender, service := senderOf(e.Message), issuerOf(v, e.Message)
	if service == "" {
		service = "posta-certificata@[provider domain]"
	}
	expected := fmt.Sprintf("\"Per conto di: %s\" <%s>", sender, service)
	list, err := pec.ParseAddressList(value)
	if err != nil || len(list) != 1 {
		f.Broken(where, expected, shown(value))
		return
	}
	name := fold(list[0].Name)
	behalf, italian := strings.CutPrefix(name, "Per conto di: ")
	if !italian {
		behalf, _ = strings.CutPrefix(name, "On behalf of: ")
	}
	registered := pec.SameAddress(list[0].String(), service)
	if issuerOf(v, e.Message) == "" {
		registered = list[0].Local == "posta-certificata" || !italian && list[0].Local == "certified-mail"
	}
	switch {
	case behalf == name || sender != "" && !strings.EqualFold(behalf, sender) || !registered:
		f.Broken(where, expected, shown(value))
	case !italian:
		f.Deviates(where, expected, shown(value))
	default:
		f.Holds(where, shown(value))
	}
}

func envelopeMessageID(_ *View, f *Findings, e envelopeSeen) {
	where, c := e.Where("header Message-ID"), e.Envelope.Certification
	if c == nil {
		return
	}
	want := "<" + strings.TrimSpace(c.Identifier) + ">"
	if got := e.Envelope.Root.Values("Message-ID"); len(got) == 1 && fold(got[0]) == want {
		f.Holds(where, want)
	} else {
		f.Broken(where, "Message-ID: "+want+", the identificativo", shownValues(got))
	}
}

func envelopeReceiptType(_ *View, f *Findings, e envelopeSeen) {
	where := e.Where("header X-TipoRicevuta")
	values, exact := requestedType(e.Transaction)
	got := e.Envelope.Root.Values(pec.HeaderReceiptType)
	switch {
	case exact && len(got) == 1 && strings.EqualFold(fold(got[0]), values[0]):
		f.Holds(where, got[0]+", as requested")
	case exact:
		f.Broken(where, "X-TipoRicevuta: "+values[0]+", as requested", shownValues(got))
	case len(values) > 0: // an unknown request is judged at PEC-AP-034
	case headerIsComplete(got):
		f.Holds(where, "nothing requested, "+shownValues(got))
	default:
		f.Broken(where, "no X-TipoRicevuta, or completa: nothing was requested", shownValues(got))
	}
}

func envelopeBlind(_ *View, f *Findings, e envelopeSeen) {
	if values := e.Envelope.Root.Values("Bcc"); len(values) > 0 {
		f.Broken(e.Where("header Bcc"), "no Bcc", shownValues(values))
		return
	}
	if t := e.Transaction; t != nil && t.Sent != nil {
		blind, _ := addressesIn(t.Sent, "Bcc")
		visible, _ := addressesIn(t.Sent, "To", "Cc", "From", "Reply-To")
		for _, field := range e.Envelope.Root.Fields {
			if i := slices.IndexFunc(blind, func(a string) bool { return !lists(visible, a) && saysAddress(field.Value(), a) }); i >= 0 {
				f.Broken(e.Where("header "+field.Name), "no address that stood only in Bcc", shown(field.Value()))
				return
			}
		}
	}
	f.Holds(e.Where("header"), "no Bcc")
}
