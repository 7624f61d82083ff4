package journal

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Extract returns the lines about a message in which the holder of an address
// had a part, as its sender or as a recipient: what a holder who lost receipts
// can ask for. The message is named by its own identifier, by the provider's,
// or by that of a receipt for it, with or without angle brackets.
func Extract(entries []Entry, address, messageID string) []Entry {
	wanted := bare(messageID)
	if wanted == "" {
		return nil
	}
	identifiers := map[string]bool{}
	about := func(e Entry) bool {
		return bare(e.MessageID) == wanted || bare(e.Identifier) == wanted ||
			slices.ContainsFunc(e.Related, func(r string) bool { return bare(r) == wanted }) || identifiers[e.Identifier]
	}
	var found []Entry
	for range 2 { // the first time to learn by which identifiers the message goes
		found = nil
		for _, e := range entries {
			if !about(e) || !concerns(e, address) {
				continue
			}
			found = append(found, e)
			if e.Identifier != "" {
				identifiers[e.Identifier] = true
			}
		}
	}
	return found
}

func concerns(e Entry, address string) bool {
	return strings.EqualFold(e.Sender, address) ||
		slices.ContainsFunc(e.Recipients, func(r string) bool { return strings.EqualFold(r, address) })
}

func bare(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }

// Document is an extract in the form in which it is handed out: plain text in
// UTF-8, in Italian, as its reader is.
func Document(provider, address, messageID string, entries []Entry) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\r\nEstratto del registro dei messaggi\r\nTitolare: %s\r\nMessaggio: %s\r\nOperazioni: %d\r\n", provider, address, messageID, len(entries))
	for _, e := range entries {
		fmt.Fprintf(&out, "\r\n%s  %s\r\n", e.At.Format("02/01/2006 15:04:05 (-0700)"), e.Event)
		for _, field := range []struct{ name, value string }{
			{"Identificativo del messaggio originale", e.MessageID},
			{"Identificativo del messaggio di posta certificata", e.Identifier},
			{"Mittente", e.Sender},
			{"Destinatari", strings.Join(e.Recipients, ", ")},
			{"Oggetto", e.Subject},
			{"Messaggi correlati", strings.Join(e.Related, ", ")},
			{"Gestore mittente", e.Issuer},
			{"Note", e.Detail},
		} {
			if field.value != "" {
				fmt.Fprintf(&out, "  %s: %s\r\n", field.name, field.value)
			}
		}
	}
	return out.Bytes()
}
