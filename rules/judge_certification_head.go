package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// The root element and intestazione: kind, sender, recipients, replies, subject.
func certificationHeadJudges() []Judge {
	return []Judge{
		certifiedBy("PEC-XML-003", "postacert@tipo against the header", judgeDataType),
		certifiedBy("PEC-XML-006", "mittente against the reverse path", judgeDataSender),
		certifiedBy("PEC-XML-007", "destinatari against the RCPT commands", judgeDataRecipients),
		certifiedBy("PEC-XML-008", "destinatari@tipo against the directory", judgeRecipientTypes, pec.Acceptance, pec.NonAcceptance, pec.TransportEnvelope),
		certifiedBy("PEC-XML-009", "risposte against Reply-To", judgeReplies),
		certifiedBy("PEC-XML-010", "oggetto against the submitted subject", judgeDataSubject),
	}
}

// dataTypes are the values of postacert@tipo.
var dataTypes = []string{
	"accettazione", "non-accettazione", "presa-in-carico", "avvenuta-consegna", "posta-certificata",
	"errore-consegna", "preavviso-errore-consegna", "rilevazione-virus",
}

func judgeDataType(_ *View, m *Message, root *dataNode, f *Findings) {
	where := m.Where("daticert.xml")
	seen, ok := root.attribute("", "tipo")
	if !ok {
		f.Broken(where, "postacert@tipo", "no such attribute")
		return
	}
	if !slices.Contains(dataTypes, seen) {
		f.Broken(where, "postacert@tipo one of "+strings.Join(dataTypes, ", "), shown(seen))
		return
	}
	var header []string
	for _, name := range []string{pec.HeaderReceipt, pec.HeaderTransport} {
		for _, value := range m.PEC.Root.Values(name) {
			header = append(header, name+": "+value)
			if strings.EqualFold(value, seen) {
				f.Holds(where, seen)
				return
			}
		}
	}
	if len(header) > 0 { // PEC-GEN-017 where there is none
		f.Broken(where, "postacert@tipo as the header says, "+strings.Join(header, ", "), "tipo="+shown(seen))
	}
}

// bareAddress is an address and nothing around it.
var bareAddressForm = regexp.MustCompile(`^[^\s<>"(),;]+@[^\s<>"(),;@]+$`)

func judgeDataSender(_ *View, m *Message, root *dataNode, f *Findings) {
	seen, ok := root.text("intestazione/mittente")
	if !ok {
		return // PEC-XML-002
	}
	where := m.Where("daticert.xml")
	expected := "mittente as a bare address"
	if m.Transaction != nil && m.Transaction.sender() != "" {
		expected = "mittente " + m.Transaction.sender() + ", the reverse path"
		if pec.SameAddress(strings.TrimSpace(seen), m.Transaction.sender()) {
			f.Holds(where, seen)
			return
		}
	} else if bareAddressForm.MatchString(strings.TrimSpace(seen)) {
		f.Holds(where, seen)
		return
	}
	f.Broken(where, expected, shown(seen))
}

func judgeDataRecipients(_ *View, m *Message, root *dataNode, f *Findings) {
	var seen []string
	where := m.Where("daticert.xml")
	for _, text := range root.texts("intestazione/destinatari") {
		text = strings.TrimSpace(text)
		if m.Transaction == nil && !bareAddressForm.MatchString(text) {
			f.Broken(where, "one bare address in each destinatari", shown(text))
			return
		}
		seen = append(seen, text)
	}
	if len(seen) == 0 {
		return // PEC-XML-002
	}
	if m.Transaction == nil {
		f.Holds(where, shownList(seen))
		return
	}
	expected := distinct(m.Transaction.recipients())
	if len(expected) == 0 {
		return
	}
	if !sameAddresses(seen, expected) {
		f.Broken(where, "one destinatari for each of "+shownList(expected), shownList(seen))
		return
	}
	f.Holds(where, shownList(seen))
}

func judgeRecipientTypes(v *View, m *Message, root *dataNode, f *Findings) {
	if len(v.Case.World.Providers) == 0 && (v.Trust == nil || v.Trust.Directory == nil) {
		return
	}
	where := m.Where("daticert.xml")
	kept := true
	for _, n := range root.all("intestazione/destinatari") {
		address := strings.TrimSpace(n.Text)
		if !bareAddressForm.MatchString(address) {
			continue // PEC-XML-007
		}
		expected, why := "esterno", "the directory does not hold its domain"
		if v.certifiedFor(m.Transaction, address) {
			expected, why = "certificato", "the directory holds its domain"
		}
		seen := "certificato" // the default of the DTD
		if given, ok := n.Attributes["tipo"]; ok {
			seen = given
		}
		if seen != expected {
			kept = false
			f.Broken(where, fmt.Sprintf("%s for %s: %s", expected, address, why), "tipo="+shown(seen))
		}
	}
	if kept {
		f.Holds(where, fmt.Sprintf("%d recipients", len(root.all("intestazione/destinatari"))))
	}
}

func judgeReplies(_ *View, m *Message, root *dataNode, f *Findings) {
	where := m.Where("daticert.xml")
	text, ok := root.text("intestazione/risposte")
	if !ok || fold(text) == "" {
		f.Broken(where, "risposte: the Reply-To, or else the sender", "no address")
		return
	}
	var seen []string
	if list, err := pec.ParseAddressList(text); err == nil {
		seen = addressesOf(list)
	}
	if m.Transaction == nil || m.Transaction.Sent == nil || m.Transaction.sender() == "" {
		if len(seen) == 0 {
			f.Broken(where, "risposte: an address", shown(text))
			return
		}
		f.Holds(where, text)
		return
	}
	expected := m.Transaction.replies()
	if value := fold(m.Transaction.Sent.Value("Reply-To")); len(seen) == 0 && value != "" && value == fold(text) {
		f.Observes(where, "risposte holds a Reply-To that is no address, as the user wrote it: "+shown(text))
		return
	}
	if !sameAddresses(seen, expected) {
		f.Broken(where, "risposte "+shownList(expected), shown(text))
		return
	}
	f.Holds(where, text)
}

func judgeDataSubject(_ *View, m *Message, root *dataNode, f *Findings) {
	original, has := "", false
	switch {
	case m.Transaction != nil && m.Transaction.Sent != nil:
		original, has = rawmime.DecodeWords(m.Transaction.Sent.Value("Subject")), m.Transaction.Sent.Has("Subject")
	case m.PEC.Original != nil && encloses(m.PEC.Kind) && m.PEC.Original.Has("Subject"):
		original, has = rawmime.DecodeWords(m.PEC.Original.Value("Subject")), true
	}
	if !has || fold(original) == "" {
		return // PEC-GEN-026
	}
	where := m.Where("daticert.xml")
	seen, _ := root.text("intestazione/oggetto")
	expected := "oggetto " + shown(fold(original))
	for _, o := range []string{original, fromLatin1(original)} {
		if fold(o) == fold(seen) || holdsForbidden(o) && squeezed(o) == squeezed(strings.ReplaceAll(seen, "?", "")) ||
			holdsForbidden(o) && squeezed(o) == squeezed(seen) {
			f.Holds(where, shown(seen))
			return
		}
	}
	f.Broken(where, expected, shown(seen))
}
