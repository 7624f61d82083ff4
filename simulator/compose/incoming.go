package compose

import (
	"time"

	"github.com/collaudo/collaudo/pec"
)

// TakenInCharge is the receipt from provider to provider (RFC 6109 3.2.1). taken
// are the recipients taken in charge in this SMTP transaction; to is the
// mailReceipt address of the sending provider.
func TakenInCharge(p Provider, f Facts, at time.Time, messageID string, taken []string, to string) *Draft {
	text := readable{title: "Ricevuta di presa in carico", lines: about(f, at, "il messaggio")}
	text.lines = append(text.lines, "è stato accettato dal sistema.", identifierLine(f))
	d := receipt(p, f, at, messageID, receiptModel{
		kind: pec.TakenInCharge, token: "presa-in-carico", prefix: "PRESA IN CARICO: ", text: text, to: to,
	})
	d.Certification.Reception = append([]string(nil), taken...)
	return d
}

// AnomalyEnvelope encloses a message that is not correct certified mail, as it
// was received (RFC 6109 3.2.2): no certification data, no part of our own but
// the text. f.Sender is the sender to name, f.Recipients whom it is for; the
// Message-ID comes with inherited, normally Inherited(received, true). reason is
// short, in Italian: "Firma non presente o non autentica".
func AnomalyEnvelope(p Provider, f Facts, at time.Time, received []byte, inherited []HeaderField, reason string) *Draft {
	text := readable{title: "Anomalia nel messaggio", lines: []string{
		day(at) + " è stato ricevuto",
		"il messaggio " + quoted(f.subjectText()) + " proveniente da " + quoted(f.Sender),
		"ed indirizzato a:",
	}}
	text.lines = append(text.lines, f.addresses()...)
	text.lines = append(text.lines,
		"Tali dati non sono stati certificati per il seguente errore:",
		reason,
		"Il messaggio originale è incluso in allegato.")
	d := newDraft(p, f, at, pec.AnomalyEnvelope, text)
	d.Header = envelopeHeader(p, f, at, inherited, pec.HeaderTransport, "errore", "ANOMALIA MESSAGGIO: ")
	d.Original = received
	return d
}

// VirusDetection tells the sending provider (to: its mailReceipt) that an
// envelope for one recipient was infected (RFC 6109 3.2.3).
func VirusDetection(p Provider, f Facts, at time.Time, messageID, recipient, found, to string) *Draft {
	extended := virusReason(found).extended(p)
	text := readable{
		title: "Avviso di rilevazione virus",
		lines: aboutOne(f, at, "nel messaggio", "e destinato all'utente", recipient),
	}
	text.lines = append(text.lines, "è stato rilevato un problema di sicurezza "+extended+".", identifierLine(f))
	d := receipt(p, f, at, messageID, receiptModel{
		kind: pec.VirusDetection, token: "rilevazione-virus", prefix: "PROBLEMA DI SICUREZZA: ", text: text,
		failure: "virus", extended: extended, recipient: recipient, to: to,
	})
	d.Add(pec.HeaderSender, f.Sender)
	return d
}

// NonDeliveryVirus tells the sender that the receiving provider found a virus,
// from what its VirusDetection said (RFC 6109 3.2.4).
func NonDeliveryVirus(p Provider, f Facts, at time.Time, messageID, recipient, found string) *Draft {
	extended := virusReason(found).extended(p)
	text := readable{title: "Avviso di mancata consegna per virus", lines: []string{
		day(at) + " nel messaggio",
		quoted(f.subjectText()) + " proveniente da " + quoted(f.Sender),
		"e destinato all'utente " + quoted(recipient),
		"è stato rilevato un problema di sicurezza " + extended + ".",
		"Il messaggio non è stato consegnato.",
		identifierLine(f),
	}}
	return receipt(p, f, at, messageID, receiptModel{
		kind: pec.NonDelivery, virus: true, token: "errore-consegna", prefix: "AVVISO DI MANCATA CONSEGNA PER VIRUS: ",
		text: text, failure: "virus", extended: extended, recipient: recipient,
	})
}
