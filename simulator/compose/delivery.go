package compose

import (
	"fmt"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// Delivery is the delivery receipt for one recipient (RFC 6109 3.3.2), in the
// form the sender asked for: complete, brief or concise. A recipient that is not
// primary gets a concise one whatever was asked. original is postacert.eml of
// the envelope; it is not enclosed in a concise receipt.
func Delivery(p Provider, f Facts, at time.Time, messageID, recipient string, primary bool, original []byte) (*Draft, error) {
	form := f.receiptType()
	if !primary {
		form = Concise
	}
	title := map[string]string{
		Complete: "Ricevuta di avvenuta consegna",
		Brief:    "Ricevuta breve di avvenuta consegna",
		Concise:  "Ricevuta sintetica di avvenuta consegna",
	}[form]
	text := readable{title: title, lines: aboutOne(f, at, "il messaggio", "ed indirizzato a", recipient)}
	text.lines = append(text.lines, "è stato consegnato nella casella di destinazione.", identifierLine(f))
	d := receipt(p, f, at, messageID, receiptModel{
		kind: pec.Delivery, token: "avvenuta-consegna", prefix: "CONSEGNA: ", text: text, recipient: recipient,
	})
	d.Receipt, d.Given = form, original
	d.Certification.ReceiptType = f.receiptType() // what was asked, RFC 6109 4.4
	switch form {
	case Complete:
		d.Original = original
	case Brief:
		brief, err := BriefOriginal(original)
		if err != nil {
			return nil, fmt.Errorf("compose: brief delivery receipt for %s: %w", recipient, err)
		}
		d.Original = brief
	}
	return d, nil
}

// NonDelivery tells the sender that a delivery failed (RFC 6109 3.3.3).
func NonDelivery(p Provider, f Facts, at time.Time, messageID, recipient string, failure Failure) *Draft {
	extended := failure.extended(p)
	text := readable{
		title: "Avviso di mancata consegna",
		lines: aboutOne(f, at, "nel messaggio", "e destinato all'utente", recipient),
	}
	text.lines = append(text.lines,
		"è stato rilevato un errore "+extended+".",
		"Il messaggio è stato rifiutato dal sistema.",
		identifierLine(f))
	return receipt(p, f, at, messageID, receiptModel{
		kind: pec.NonDelivery, token: "errore-consegna", prefix: "AVVISO DI MANCATA CONSEGNA: ", text: text,
		failure: failure.Error, extended: extended, recipient: recipient,
	})
}
