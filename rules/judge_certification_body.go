package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// dati: who certifies, when, what about.
func certificationBodyJudges() []Judge {
	return []Judge{
		certifiedBy("PEC-XML-011", "gestore-emittente against the provider that From names", judgeIssuer),
		certifiedBy("PEC-XML-012", "the form of zona, giorno and ora", judgeDateForms),
		certifiedBy("PEC-XML-013", "identificativo against the envelope of the transaction", judgeDataIdentifier),
		certifiedBy("PEC-XML-014", "msgid against the client's Message-ID", judgeDataMessageID),
		certifiedBy("PEC-XML-015", "ricevuta@tipo against what the sender asked for", judgeDataReceipt, pec.TransportEnvelope, pec.Delivery),
		certifiedBy("PEC-XML-016", "that no ricevuta and no consegna stand where they do not belong", judgeNoDelivery, pec.Acceptance, pec.NonAcceptance, pec.TakenInCharge),
		certifiedBy("PEC-XML-017", "the one consegna of outcomes", judgeOneDelivery, pec.Delivery, pec.NonDelivery, pec.VirusDetection, pec.Delay),
		certifiedBy("PEC-XML-018", "ricezione in what is taken in charge, and nowhere else", judgeReception),
	}
}

func judgeIssuer(v *View, m *Message, root *dataNode, f *Findings) {
	where := m.Where("daticert.xml")
	seen, _ := root.text("dati/gestore-emittente")
	provider := v.Provider(m)
	if fold(seen) == "" {
		f.Broken(where, "gestore-emittente: a description of the provider", "nothing")
		return
	}
	if provider == nil {
		f.Holds(where, shown(seen))
		return
	}
	for _, p := range v.Case.World.Providers {
		if p.Name != provider.Name && strings.EqualFold(fold(seen), fold(p.Name)) {
			f.Broken(where, "gestore-emittente: "+provider.Name+", which From names", shown(seen)+", another provider")
			return
		}
	}
	if fold(seen) != fold(provider.Name) {
		f.Warns(where, "gestore-emittente: "+provider.Name+", as in the directory", shown(seen))
	}
	f.Holds(where, shown(seen))
}

var (
	dayShape  = regexp.MustCompile(`^[0-9]{2}/[0-9]{2}/[0-9]{4}$`)
	hourShape = regexp.MustCompile(`^[0-9]{2}:[0-9]{2}:[0-9]{2}$`)
	zoneShape = regexp.MustCompile(`^[+-][0-9]{4}$`)
)

func judgeDateForms(_ *View, m *Message, root *dataNode, f *Findings) {
	zone, _ := root.attribute("dati/data", "zona")
	day, _ := root.text("dati/data/giorno")
	hour, _ := root.text("dati/data/ora")
	where := m.Where("daticert.xml")
	kept := true
	for _, x := range []struct {
		form           *regexp.Regexp
		expected, seen string
	}{{zoneShape, "data@zona as +hhmm", zone}, {dayShape, "giorno as dd/mm/yyyy", day}, {hourShape, "ora as hh:mm:ss", hour}} {
		if !x.form.MatchString(x.seen) {
			kept = false
			f.Broken(where, x.expected, shown(x.seen))
		}
	}
	if kept {
		f.Holds(where, day+" "+hour+" "+zone)
	}
}

var identifierShape = regexp.MustCompile(`^[^\s<>@]+@[^\s<>@]+$`)

func judgeDataIdentifier(_ *View, m *Message, root *dataNode, f *Findings) {
	seen, ok := root.text("dati/identificativo")
	if !ok {
		return // PEC-XML-002
	}
	where := m.Where("daticert.xml")
	if !identifierShape.MatchString(bareID(seen)) {
		f.Broken(where, "identificativo: a PEC msgid, something@domain", shown(seen))
		return
	}
	if bareID(seen) != fold(seen) {
		f.Warns(where, "identificativo without angle brackets", shown(seen))
	}
	var expected []string
	switch {
	case m.PEC.Kind == pec.NonAcceptance: // decision D-10: there is no envelope
	case m.PEC.Kind == pec.TransportEnvelope:
		expected = []string{bareID(m.PEC.Root.Value("Message-ID"))}
	case m.Transaction != nil:
		if expected = m.Transaction.envelopeIdentifiers(); len(expected) > 0 {
			break
		}
		for _, a := range m.Transaction.OfKind(pec.Acceptance) {
			if a.PEC.Certification != nil {
				expected = append(expected, bareID(a.PEC.Certification.Identifier))
			}
		}
	}
	if len(expected) > 0 && !slices.Contains(expected, bareID(seen)) {
		f.Broken(where, "identificativo "+shownList(expected)+", the PEC msgid of the envelope", shown(seen))
		return
	}
	f.Holds(where, seen)
}

func judgeDataMessageID(_ *View, m *Message, root *dataNode, f *Findings) {
	expected := ""
	switch {
	case m.aboutNoOriginal():
		return
	case m.Transaction != nil && m.Transaction.Sent != nil:
		expected = m.Transaction.clientMessageID()
	default:
		expected = fold(m.PEC.Root.Value(pec.HeaderReference))
	}
	if expected == "" {
		return // PEC-GEN-023
	}
	where := m.Where("daticert.xml")
	seen, _ := root.text("dati/msgid")
	switch {
	case fold(seen) == expected:
		f.Holds(where, seen)
	case bareID(seen) == bareID(expected) && bareID(seen) != "":
		f.Warns(where, "msgid "+expected+", angle brackets included", shown(seen))
		f.Holds(where, seen)
	default:
		f.Broken(where, "msgid "+expected, shown(seen))
	}
}

func judgeDataReceipt(_ *View, m *Message, root *dataNode, f *Findings) {
	where := m.Where("daticert.xml")
	seen, ok := root.attribute("dati/ricevuta", "tipo")
	if !ok || !slices.Contains(tokens[pec.HeaderReceiptType], seen) {
		f.Broken(where, "ricevuta@tipo: completa, breve or sintetica", shown(seen))
		return
	}
	asked := []string{"completa"}
	switch {
	case m.Transaction != nil && m.Transaction.Sent != nil:
		asked = m.Transaction.receiptTypes()
	case m.PEC.Kind == pec.TransportEnvelope && m.PEC.Root.Has(pec.HeaderReceiptType):
		asked = []string{strings.ToLower(m.PEC.Root.Value(pec.HeaderReceiptType))}
	case m.PEC.Kind == pec.Delivery:
		asked = tokens[pec.HeaderReceiptType] // nothing here says what was asked
	}
	consegna, _ := root.text("dati/consegna")
	switch {
	case slices.Contains(asked, seen):
		f.Holds(where, "ricevuta tipo="+seen)
	case m.PEC.Kind == pec.Delivery && seen == "sintetica" && m.Transaction.copied(consegna):
		f.Observes(where, "sintetica in the receipt of a recipient in Cc, where "+asked[0]+" was asked for") // decision D-23
	default:
		f.Broken(where, "ricevuta tipo="+shown(asked[0])+", as the sender asked", "tipo="+shown(seen))
	}
}

// copied tells whether the original names the address in Cc and not in To.
func (t *Transaction) copied(address string) bool {
	if t == nil || t.Sent == nil {
		return false
	}
	named := func(field string) bool {
		for _, value := range t.Sent.Values(field) {
			if list, err := pec.ParseAddressList(value); err == nil && holdsAddress(addressesOf(list), address) {
				return true
			}
		}
		return false
	}
	return named("Cc") && !named("To")
}

func judgeNoDelivery(_ *View, m *Message, root *dataNode, f *Findings) {
	where := m.Where("daticert.xml")
	receipts, deliveries := len(root.all("dati/ricevuta")), len(root.all("dati/consegna"))
	seen := fmt.Sprintf("%d ricevuta, %d consegna in the %s", receipts, deliveries, about(m))
	if receipts+deliveries > 0 {
		f.Broken(where, "no ricevuta and no consegna", seen)
		return
	}
	f.Holds(where, seen)
}

func judgeOneDelivery(_ *View, m *Message, root *dataNode, f *Findings) {
	const expected = "exactly one consegna with the one recipient concerned"
	where := m.Where("daticert.xml")
	seen := root.texts("dati/consegna")
	if len(seen) != 1 {
		f.Broken(where, expected, fmt.Sprintf("%d consegna in the %s: %s", len(seen), about(m), shownList(seen)))
		return
	}
	if !bareAddressForm.MatchString(strings.TrimSpace(seen[0])) {
		f.Broken(where, expected, shown(seen[0]))
		return
	}
	if recipients := root.texts("intestazione/destinatari"); !holdsAddress(recipients, seen[0]) {
		f.Broken(where, "consegna: one of the destinatari, "+shownList(recipients), shown(seen[0]))
		return
	}
	f.Holds(where, seen[0])
}

func judgeReception(v *View, m *Message, root *dataNode, f *Findings) {
	where := m.Where("daticert.xml")
	seen := root.texts("dati/ricezione")
	if m.PEC.Kind != pec.TakenInCharge {
		if len(seen) > 0 {
			f.Broken(where, "ricezione in what is taken in charge only", "ricezione "+shownList(seen)+" in the "+about(m))
			return
		}
		f.Holds(where, "no ricezione in the "+about(m))
		return
	}
	if len(seen) == 0 {
		f.Broken(where, "one ricezione for each recipient taken in charge", "none")
		return
	}
	recipients, emitter := root.texts("intestazione/destinatari"), v.Provider(m)
	for i, address := range seen {
		flaw := ""
		switch owner := v.Case.ProviderOf(strings.TrimSpace(address)); {
		case !bareAddressForm.MatchString(strings.TrimSpace(address)):
			flaw = "is no bare address"
		case holdsAddress(seen[:i], address):
			flaw = "stands twice"
		case !holdsAddress(recipients, address):
			flaw = "is none of the destinatari " + shownList(recipients)
		case emitter != nil && (owner == nil || owner.Name != emitter.Name):
			flaw = "is no address of " + emitter.Name
		}
		if flaw != "" {
			f.Broken(where, "one ricezione for each recipient taken in charge", shown(address)+" "+flaw)
			return
		}
	}
	f.Holds(where, shownList(seen))
}
