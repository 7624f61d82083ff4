package reports

import (
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// english are the words of what is told in English only: the terminal, JUnit,
// and programs.
func english() *words.Words { return words.In(words.English) }

// inBoth says something in both languages, for what is made once and shown in
// several renderings.
func inBoth(say func(*words.Words) string) rules.Text {
	return rules.Text{EN: say(words.In(words.English)), IT: say(words.In(words.Italian))}
}

// pick chooses the text in the language of a page.
func pick(w *words.Words, t rules.Text) string { return w.Pick(t.EN, t.IT) }

// titleIn is the title of a rule in the language of a page.
func titleIn(w *words.Words, catalogue *rules.Catalogue, id string) string {
	if law, known := catalogue.Rule(id); known {
		return pick(w, law.Title)
	}
	return w.Text("page.no-rule")
}

// figure writes a size or a duration with the decimal sign of the language.
func figure(w *words.Words, text string) string {
	return strings.Replace(text, ".", w.Text("page.decimal"), 1)
}

// instant writes an instant in a form of time.Format, with the names of months
// and days in the language.
func instant(w *words.Words, t time.Time, form string) string {
	text := t.Format(form)
	if w.Language() == words.English {
		return text
	}
	var pairs []string
	for _, key := range []string{"page.months", "page.days"} {
		own := strings.Fields(w.Text(key))
		for i, name := range strings.Fields(english().Text(key)) {
			pairs = append(pairs, name, own[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// legalInstant writes an instant for people: in Italian legal time, as the rules
// count, in a form of time.Format and with its zone, and in UTC, as machines keep it.
func legalInstant(w *words.Words, t time.Time, form string) string {
	return instant(w, t.In(pec.Zone()), form+" MST") + t.UTC().Format(" (15:04:05 UTC)")
}

// said gives a sentence of the rules in the language of a page, and whether it
// stayed English.
func said(w *words.Words, text string) spoken {
	told, known := w.Said(text)
	return spoken{Text: sentence(told), English: !known}
}

// spoken is a sentence for a page, which may be English on any page.
type spoken struct {
	Text    string
	English bool
}
