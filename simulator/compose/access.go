package compose

import (
	"time"

	"github.com/collaudo/collaudo/pec"
)

// Acceptance is the receipt of acceptance for the sender (RFC 6109 3.1.4).
// messageID, here and in the other receipts, is the receipt's own, without
// brackets: never the identifier of the envelope.
func Acceptance(p Provider, f Facts, at time.Time, messageID string) *Draft {
	text := readable{title: "Ricevuta di accettazione", lines: about(f, at, "il messaggio")}
	for i, r := range f.Recipients {
		label := ` ("posta ordinaria")`
		if r.Certified {
			label = ` ("posta certificata")`
		}
		text.lines[len(text.lines)-len(f.Recipients)+i] += label
	}
	text.lines = append(text.lines, "è stato accettato dal sistema ed inoltrato.", identifierLine(f))
	return receipt(p, f, at, messageID, receiptModel{
		kind: pec.Acceptance, token: "accettazione", prefix: "ACCETTAZIONE: ", text: text,
	})
}

// NonAcceptance is the notice that a message failed the formal checks
// (RFC 6109 3.1.2). The original is never enclosed.
func NonAcceptance(p Provider, f Facts, at time.Time, messageID string, reason Reason) *Draft {
	extended := reason.extended(p)
	text := readable{title: "Errore nell'accettazione del messaggio", lines: about(f, at, "nel messaggio")}
	text.lines = append(text.lines,
		"è stato rilevato un problema che ne impedisce l'accettazione",
		"a causa di "+extended+".",
		"Il messaggio non è stato accettato.",
		identifierLine(f))
	return receipt(p, f, at, messageID, receiptModel{
		kind: pec.NonAcceptance, token: "non-accettazione", prefix: "AVVISO DI NON ACCETTAZIONE: ", text: text,
		failure: "altro", extended: extended,
	})
}

// NonAcceptanceVirus is the notice that a virus was found at the access point
// (RFC 6109 3.1.3). found names what was found.
func NonAcceptanceVirus(p Provider, f Facts, at time.Time, messageID, found string) *Draft {
	text := readable{title: "Errore nell'accettazione del messaggio per presenza di virus", lines: about(f, at, "nel messaggio")}
	extended := virusReason(found).extended(p)
	text.lines = append(text.lines,
		"è stato rilevato un problema di sicurezza "+extended+".",
		"Il messaggio non è stato accettato.",
		identifierLine(f))
	return receipt(p, f, at, messageID, receiptModel{
		kind: pec.NonAcceptance, virus: true, token: "non-accettazione", prefix: "AVVISO DI NON ACCETTAZIONE PER VIRUS: ",
		text: text, failure: "virus", extended: extended,
	})
}

// TransportEnvelope encloses the original (RFC 6109 3.1.5), already rewritten by
// RewriteOriginal. Its Message-ID is the PEC msgid, f.Identifier. inherited is
// normally Inherited(original, false).
func TransportEnvelope(p Provider, f Facts, at time.Time, original []byte, inherited []HeaderField) *Draft {
	text := readable{title: "Messaggio di posta certificata", lines: []string{
		day(at) + " il messaggio",
		quoted(f.subjectText()) + " è stato inviato da " + quoted(f.Sender),
		"indirizzato a:",
	}}
	text.lines = append(text.lines, f.addresses()...)
	text.lines = append(text.lines, "Il messaggio originale è incluso in allegato.", identifierLine(f))

	d := newDraft(p, f, at, pec.TransportEnvelope, text)
	d.Header = envelopeHeader(p, f, at, inherited, pec.HeaderTransport, "posta-certificata", "POSTA CERTIFICATA: ")
	d.Add("Message-ID", "<"+f.Identifier+">")
	if f.ClientMessageID != "" {
		d.Add(pec.HeaderReference, f.ClientMessageID)
	}
	if f.ReceiptTypeAsked {
		d.Add(pec.HeaderReceiptType, f.receiptType())
	}
	d.Certification = certify(p, f, at, "posta-certificata")
	d.Certification.ReceiptType = f.receiptType()
	d.Original = original
	return d
}

// Delay is the notice that no receipt came within 12 hours (first) or 24
// (RFC 6109 3.1.6). It goes to the sender, although the RFC prints the recipient.
func Delay(p Provider, f Facts, at time.Time, messageID, recipient string, first bool) *Draft {
	text := readable{
		title: "Avviso di mancata consegna",
		lines: aboutOne(f, at, "il messaggio", "e destinato all'utente", recipient),
	}
	reason := Reason{Code: "4.4.1", Text: "il messaggio non è stato consegnato nelle prime dodici ore dal suo invio"}
	if first {
		text.lines = append(text.lines,
			"non è stato consegnato nelle prime dodici ore dal suo invio. Non escludendo",
			"che questo possa avvenire in seguito, si ritiene utile considerare che",
			"l'invio potrebbe non andare a buon fine. Il sistema provvederà comunque ad",
			"inviare un ulteriore avviso di mancata consegna se nelle prossime dodici ore",
			"non vi sarà la conferma della ricezione da parte del destinatario.")
	} else {
		reason = Reason{Code: "5.4.1", Text: "il messaggio non è stato consegnato nelle ventiquattro ore successive al suo invio"}
		text.lines = append(text.lines,
			"non è stato consegnato nelle ventiquattro ore successive al suo invio.",
			"Si ritiene che la spedizione debba considerarsi non andata a buon fine.")
	}
	extended := reason.extended(p)
	text.lines = append(text.lines, extended, identifierLine(f))
	d := receipt(p, f, at, messageID, receiptModel{
		kind: pec.Delay, token: "preavviso-errore-consegna", prefix: "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ",
		text: text, failure: "altro", extended: extended, recipient: recipient,
	})
	d.Second = !first
	return d
}
