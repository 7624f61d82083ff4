package reserved

import (
	"fmt"
	"strings"
)

// Languages of the document.
const (
	English = "en"
	Italian = "it"
)

// words are the headings of the document.
var words = map[string]struct{ recipient, happens, arrives, label string }{
	English: {"recipient", "what happens", "what the sender finds, in order", "label"},
	Italian: {"destinatario", "che cosa accade", "che cosa trova il mittente, in ordine", "origine"},
}

// labels are the labels as they are shown.
var labels = map[string]map[string]string{
	English: {Rule: "rules", Field: "seen in the field", Attack: "attack"},
	Italian: {Rule: "regole", Field: "visto sul campo", Attack: "attacco"},
}

// Markdown is the whole table as a document, in a language; English for one
// that is not known.
func Markdown(language string) string {
	if _, known := words[language]; !known {
		language = English
	}
	w := words[language]
	var b strings.Builder
	for _, g := range Groups() {
		fmt.Fprintf(&b, "\n**%s**\n\n| %s | %s | %s | %s |\n|---|---|---|---|\n", g.Title.In(language), w.recipient, w.happens, w.arrives, w.label)
		for _, e := range g.Entries {
			fmt.Fprintf(&b, "| `%s@` | %s | %s | %s |\n", e.Local, e.In(language), arrivals(language, e.Arrives), labels[language][e.Label])
		}
	}
	return strings.TrimPrefix(b.String(), "\n")
}

// Plain is the table as lines for a terminal, in a language.
func Plain(language string) string {
	if _, known := words[language]; !known {
		language = English
	}
	width := 0
	for _, e := range Entries() {
		width = max(width, len(e.Local)+1)
	}
	var b strings.Builder
	for i, g := range Groups() {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s\n", g.Title.In(language))
		for _, e := range g.Entries {
			fmt.Fprintf(&b, "  %-*s  %s\n  %*s  → %s  [%s]\n", width, e.Local+"@", e.In(language), width, "", arrivals(language, e.Arrives), labels[language][e.Label])
		}
	}
	return b.String()
}

// arrivals names what arrives, in Italian with the words of the rules.
func arrivals(language string, kinds []string) string {
	text := strings.Join(kinds, ", ")
	if language != Italian {
		return text
	}
	return strings.NewReplacer(
		"NonAcceptance", "non accettazione", "Acceptance", "accettazione", "NonDelivery", "mancata consegna", "Delivery", "avvenuta consegna",
		"Delay", "preavviso di mancata consegna", "TransportEnvelope", "busta di trasporto", "AnomalyEnvelope", "busta di anomalia",
		"ordinary", "posta ordinaria",
	).Replace(text)
}

// In is the text in a language.
func (t Text) In(language string) string {
	if language == Italian {
		return t.Italian
	}
	return t.English
}
