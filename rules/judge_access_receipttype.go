package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// receiptTypeJudges answers for the kind of delivery receipt that the sender
// asks for with X-TipoRicevuta, as far as the access point hands it on.
func receiptTypeJudges() []Judge {
	return []Judge{
		{Rule: "PEC-AP-032", Looks: "X-TipoRicevuta with a known value: on the envelope and in the certification data", Look: receiptTypeCarried},
		{Rule: "PEC-AP-033", Looks: "no X-TipoRicevuta: the envelope asks for completa", Look: receiptTypeDefault},
		{Rule: "PEC-AP-034", Looks: "X-TipoRicevuta unknown, in upper case or repeated: the envelope asks for completa", Look: receiptTypeUnknown},
	}
}

var receiptTypes = []string{"completa", "breve", "sintetica"}

// requestedType sorts what the client asked: values as submitted, and whether
// they are one exact token.
func requestedType(t *Transaction) (values []string, exact bool) {
	values = t.Sent.Values(pec.HeaderReceiptType)
	return values, len(values) == 1 && slices.Contains(receiptTypes, values[0])
}

// envelopeType returns the header and the certification data's word for the
// requested receipt, for comparison and for a person.
func envelopeType(e envelopeSeen) (header []string, data string, seen string) {
	header = e.Envelope.Root.Values(pec.HeaderReceiptType)
	seen = "no X-TipoRicevuta"
	if len(header) > 0 {
		seen = "X-TipoRicevuta: " + strings.Join(header, ", ")
	}
	c := e.Envelope.Certification
	switch {
	case c == nil:
		return header, "", seen + "; " + certificationMissing(e.Envelope)
	case !c.HasReceiptType:
		return header, "", seen + "; no ricevuta in the certification data"
	default:
		return header, c.ReceiptType, fmt.Sprintf("%s; ricevuta tipo=%q", seen, c.ReceiptType)
	}
}

func receiptTypeCarried(v *View, f *Findings) {
	for _, e := range accessEnvelopes(v) {
		values, exact := requestedType(e.Transaction)
		if !exact {
			continue
		}
		header, data, seen := envelopeType(e)
		if len(header) == 1 && strings.EqualFold(header[0], values[0]) && data == values[0] {
			f.Holds(e.Where("header X-TipoRicevuta"), seen)
		} else {
			f.Broken(e.Where("header X-TipoRicevuta"), values[0]+" on the envelope and in the certification data", seen)
		}
	}
}

func receiptTypeDefault(v *View, f *Findings) {
	for _, e := range accessEnvelopes(v) {
		if e.Transaction.Sent.Has(pec.HeaderReceiptType) {
			continue
		}
		header, data, seen := envelopeType(e)
		if data == "completa" && headerIsComplete(header) {
			f.Holds(e.Where("daticert.xml"), seen)
		} else {
			f.Broken(e.Where("daticert.xml"), "completa, because the sender asked for nothing", seen)
		}
	}
}

func receiptTypeUnknown(v *View, f *Findings) {
	for _, e := range accessEnvelopes(v) {
		values, exact := requestedType(e.Transaction)
		if exact || len(values) == 0 {
			continue
		}
		header, data, seen := envelopeType(e)
		if data == "completa" && headerIsComplete(header) {
			f.Holds(e.Where("header X-TipoRicevuta"), seen)
		} else {
			f.Broken(e.Where("header X-TipoRicevuta"), fmt.Sprintf("completa, because the sender asked for %s", shownValues(values)), seen)
		}
	}
}

// headerIsComplete: the field may be missing where it would say completa.
func headerIsComplete(header []string) bool {
	return len(header) == 0 || len(header) == 1 && strings.EqualFold(header[0], "completa")
}
