package rules

import (
	"slices"

	"github.com/collaudo/collaudo/pec"
)

// What belongs to each kind of message, written again from the rules: nothing
// here is shared with what composes messages.

// prefixOf returns the subject prefix of a kind of message, colon and blank
// included; "" for what is no system message. virus picks the virus variant of
// the two kinds that have one.
func prefixOf(kind pec.Kind, virus bool) string {
	switch kind {
	case pec.Acceptance:
		return "ACCETTAZIONE: "
	case pec.NonAcceptance:
		if virus {
			return "AVVISO DI NON ACCETTAZIONE PER VIRUS: "
		}
		return "AVVISO DI NON ACCETTAZIONE: "
	case pec.TakenInCharge:
		return "PRESA IN CARICO: "
	case pec.Delivery:
		return "CONSEGNA: "
	case pec.NonDelivery:
		if virus {
			return "AVVISO DI MANCATA CONSEGNA PER VIRUS: "
		}
		return "AVVISO DI MANCATA CONSEGNA: "
	case pec.Delay:
		return "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: "
	case pec.VirusDetection:
		return "PROBLEMA DI SICUREZZA: "
	case pec.TransportEnvelope:
		return "POSTA CERTIFICATA: "
	case pec.AnomalyEnvelope:
		return "ANOMALIA MESSAGGIO: "
	default:
		return ""
	}
}

// tokenOf returns the value of X-Ricevuta (X-Trasporto for envelopes) and of
// postacert@tipo, except that the anomaly envelope has no certification data.
func tokenOf(kind pec.Kind) string {
	switch kind {
	case pec.Acceptance:
		return "accettazione"
	case pec.NonAcceptance:
		return "non-accettazione"
	case pec.TakenInCharge:
		return "presa-in-carico"
	case pec.Delivery:
		return "avvenuta-consegna"
	case pec.NonDelivery:
		return "errore-consegna"
	case pec.Delay:
		return "preavviso-errore-consegna"
	case pec.VirusDetection:
		return "rilevazione-virus"
	case pec.TransportEnvelope:
		return "posta-certificata"
	case pec.AnomalyEnvelope:
		return "errore"
	default:
		return ""
	}
}

// receiptKinds are all kinds that carry X-Ricevuta; systemKinds adds the
// envelopes; certifiedKinds are those that must carry certification data.
var (
	receiptKinds = []pec.Kind{
		pec.Acceptance, pec.NonAcceptance, pec.TakenInCharge, pec.Delivery,
		pec.NonDelivery, pec.Delay, pec.VirusDetection,
	}
	certifiedKinds = slices.Concat(receiptKinds, []pec.Kind{pec.TransportEnvelope})
	systemKinds    = slices.Concat(certifiedKinds, []pec.Kind{pec.AnomalyEnvelope})
)

// about says what a message is, for a person: "acceptance", "non-delivery for
// virus", "transport envelope".
func about(m *Message) string {
	names := map[pec.Kind]string{
		pec.Acceptance: "acceptance", pec.NonAcceptance: "non-acceptance", pec.TakenInCharge: "taken in charge",
		pec.Delivery: "delivery receipt", pec.NonDelivery: "non-delivery", pec.Delay: "delay notice",
		pec.VirusDetection: "virus detection", pec.TransportEnvelope: "transport envelope", pec.AnomalyEnvelope: "anomaly envelope",
	}
	name := names[m.PEC.Kind]
	if name == "" {
		name = "message"
	}
	if m.PEC.Virus {
		name += " for virus"
	}
	return name
}
