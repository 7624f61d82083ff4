package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// Fields and tokens that say what a message is, and who sends it (RFC 6109
// 2.1, 2.1.1, 8.1).
func generalHeaderJudges() []Judge {
	return []Judge{
		everySystemMessage("PEC-GEN-016", "the values of the certified e-mail header fields", judgeGeneralTokens),
		everySystemMessage("PEC-GEN-017", "that X-Ricevuta and X-Trasporto exclude each other", judgeGeneralExclusiveHeader),
		everySystemMessage("PEC-GEN-018", "the From of receipts and notices", judgeGeneralReceiptFrom, receiptKinds...),
		everySystemMessage("PEC-GEN-019", "the Sender field beside From", judgeGeneralSenderField),
		everySystemMessage("PEC-GEN-033", "fields of the original that a receipt carries", judgeGeneralInheritance, receiptKinds...),
		usingToo(everySystemMessage("PEC-GEN-034", "the reverse path of receipts and notices", judgeGeneralReversePath, receiptKinds...), NeedRelay),
		everySystemMessage("PEC-GEN-035", "where X-VerificaSicurezza and X-Mittente stand", judgeGeneralVirusFields),
	}
}

// tokens are the values that the fields of certified e-mail can have.
var tokens = map[string][]string{
	pec.HeaderReceipt: {
		"accettazione", "non-accettazione", "presa-in-carico", "avvenuta-consegna", "errore-consegna",
		"preavviso-errore-consegna", "rilevazione-virus",
	},
	pec.HeaderTransport:     {"posta-certificata", "errore"},
	pec.HeaderReceiptType:   {"completa", "breve", "sintetica"},
	pec.HeaderSecurityCheck: {"errore"},
}

func judgeGeneralTokens(_ *View, m *Message, f *Findings) {
	for _, name := range []string{pec.HeaderReceipt, pec.HeaderTransport, pec.HeaderReceiptType, pec.HeaderSecurityCheck} {
		if name == pec.HeaderReceiptType && m.PEC.Kind == pec.AnomalyEnvelope {
			continue // nothing says that it speaks for the provider there
		}
		for _, value := range m.PEC.Root.Values(name) {
			where := m.Where("header " + name)
			expected := name + ": one of " + strings.Join(tokens[name], ", ")
			switch {
			case slices.Contains(tokens[name], value):
				f.Holds(where, name+": "+value)
			case name == pec.HeaderReceiptType && m.Transaction != nil && m.Transaction.Sent != nil && m.Transaction.Sent.Value(name) == value:
				f.Observes(where, name+": "+shown(value)+", copied as the user wrote it") // decision D-16
			case slices.Contains(tokens[name], strings.ToLower(value)):
				f.Deviates(where, name+": "+strings.ToLower(value), shown(value))
			default:
				f.Broken(where, expected, shown(value))
			}
		}
	}
}

func judgeGeneralExclusiveHeader(_ *View, m *Message, f *Findings) {
	receipts, transports := len(m.PEC.Root.Lookup(pec.HeaderReceipt)), len(m.PEC.Root.Lookup(pec.HeaderTransport))
	where := m.Where("header X-Ricevuta, X-Trasporto")
	seen := fmt.Sprintf("X-Ricevuta %d times, X-Trasporto %d times", receipts, transports)
	if receipts+transports != 1 {
		f.Broken(where, "one X-Ricevuta and no X-Trasporto in a receipt, the reverse in an envelope", seen)
		return
	}
	f.Holds(where, seen)
}

func judgeGeneralReceiptFrom(_ *View, m *Message, f *Findings) {
	const expected = "From: posta-certificata@ the provider's domain"
	where := m.Where("header From")
	value := m.PEC.Root.Value("From")
	list, err := pec.ParseAddressList(value)
	if err != nil || len(list) != 1 {
		f.Broken(where, expected, shown(value))
		return
	}
	if s, err := signatureOf(m); err == nil && s.Certificate != nil && !holdsAddress(s.Certificate.EmailAddresses, list[0].String()) {
		f.Broken(where, "the address in the signer certificate: "+shownList(s.Certificate.EmailAddresses), list[0].String())
		return
	}
	if list[0].Local != "posta-certificata" {
		f.Deviates(where, expected, list[0].String())
		return
	}
	f.Holds(where, list[0].String())
}

func judgeGeneralSenderField(_ *View, m *Message, f *Findings) {
	where := m.Where("header Sender")
	from := addressOf(m.PEC.Root.Value("From"))
	if !m.PEC.Root.Has("Sender") {
		f.Deviates(where, "Sender: "+from+", as From", "no Sender field")
		return
	}
	if sender := addressOf(m.PEC.Root.Value("Sender")); !pec.SameAddress(sender, from) {
		f.Broken(where, "Sender: "+from+", as From", shown(m.PEC.Root.Value("Sender")))
		return
	}
	f.Holds(where, from)
}

// judgeGeneralInheritance only records: decision D-08 asks for no inheritance.
func judgeGeneralInheritance(_ *View, m *Message, f *Findings) {
	if m.Transaction == nil || m.Transaction.Sent == nil {
		return
	}
	var inherited []string
	for _, field := range m.Transaction.Sent.Fields {
		if slices.Contains(m.PEC.Root.Values(field.Name), field.Value()) && !slices.Contains(inherited, field.Name) {
			inherited = append(inherited, field.Name)
		}
	}
	f.Observes(m.Where("header"), "fields of the original in the "+about(m)+": "+shownList(inherited))
}

// judgeGeneralReversePath reads the reverse path where it can be seen: in the SMTP
// transaction that carried these very octets, or in a Return-Path field.
func judgeGeneralReversePath(v *View, m *Message, f *Findings) {
	services := []string{addressOf(m.PEC.Root.Value("From"))}
	if services[0] == "" && len(v.Case.World.Providers) == 0 {
		return // PEC-GEN-018
	}
	for _, p := range v.Case.World.Providers {
		services = append(services, p.ServiceAddress)
	}
	var paths []string
	if m.PEC.Root.Has("Return-Path") {
		paths = append(paths, m.PEC.Root.Value("Return-Path"))
	}
	for _, exchange := range v.Case.Relay {
		if exchange.SHA256 == m.Blob && m.Blob != "" {
			paths = append(paths, exchange.ReversePath)
		}
	}
	for _, path := range paths {
		if holdsAddress(services, path) {
			f.Holds(m.Where("reverse path"), path)
		} else {
			f.Broken(m.Where("reverse path"), "MAIL FROM:<"+services[0]+">, the provider's own address", shown(path))
		}
	}
}

func judgeGeneralVirusFields(_ *View, m *Message, f *Findings) {
	where := m.Where("header " + pec.HeaderSecurityCheck)
	values := m.PEC.Root.Values(pec.HeaderSecurityCheck)
	if m.PEC.Root.Has(pec.HeaderSender) && m.PEC.Kind != pec.VirusDetection && m.PEC.Kind != pec.Unclear {
		f.Warns(m.Where("header "+pec.HeaderSender), "X-Mittente in virus detection notices only", "X-Mittente in a "+about(m))
	}
	if len(values) == 0 {
		f.Holds(where, "none in the "+about(m))
		return
	}
	data := m.PEC.Certification
	saysVirus := data == nil || data.Error == "virus" || strings.HasPrefix(subjectOf(m.PEC.Root), prefixOf(m.PEC.Kind, true))
	aboutVirus := (m.PEC.Kind == pec.NonAcceptance || m.PEC.Kind == pec.NonDelivery) && saysVirus
	switch {
	case !aboutVirus && m.PEC.Kind != pec.Unclear:
		f.Broken(where, "X-VerificaSicurezza in notices about viruses only", shown(values[0])+" in a message of the kind "+tokenOf(m.PEC.Kind)+" that is about no virus")
	case len(values) > 1 || !strings.EqualFold(values[0], "errore"):
		f.Broken(where, "X-VerificaSicurezza: errore, once", shown(strings.Join(values, ", ")))
	default:
		f.Holds(where, "X-VerificaSicurezza: "+values[0])
	}
}
