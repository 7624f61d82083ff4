// Package words holds the words of the reports in English and Italian: one
// source for both, words.yaml. It knows nothing of what is reported; the titles
// of rules stand in the catalogue, and what judges saw and expected is in
// English in every report, as it was recorded.
package words

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Language is the language of a report.
type Language string

// Languages of the reports.
const (
	English Language = "en"
	Italian Language = "it"
)

// Languages lists them.
func Languages() []Language { return []Language{English, Italian} }

// Parse reads a language from a command line. "" is English.
func Parse(text string) (Language, error) {
	switch l := Language(strings.ToLower(text)); l {
	case "":
		return English, nil
	case English, Italian:
		return l, nil
	}
	return "", fmt.Errorf("no reports in the language %q: expected en or it", text)
}

//go:embed words.yaml
var source []byte

// entry is one text in both languages. Where a number decides, One is for 1.
type entry struct {
	EN    string `yaml:"en"`
	IT    string `yaml:"it"`
	OneEN string `yaml:"one.en"`
	OneIT string `yaml:"one.it"`
}

var load = sync.OnceValues(func() (map[string]entry, error) {
	all := map[string]entry{}
	decoder := yaml.NewDecoder(bytes.NewReader(source))
	decoder.KnownFields(true)
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("the words of the reports: %w", err)
	}
	return all, nil
})

// Words are the texts of one language.
type Words struct {
	language Language
	all      map[string]entry
	err      error
}

// In returns the words of a language; "" is English.
func In(l Language) *Words {
	if l == "" {
		l = English
	}
	all, err := load()
	return &Words{language: l, all: all, err: err}
}

// Language says which language they are of.
func (w *Words) Language() Language { return w.language }

// Text returns the text with that key, filled in as fmt.Sprintf does. A key
// that words.yaml has not is shown as "!key!": Err then says so, and whoever
// renders a report must not hand it out.
func (w *Words) Text(key string, values ...any) string {
	e, known := w.all[key]
	if !known {
		return w.missing(key)
	}
	return fill(w.pick(e.EN, e.IT), values)
}

// Find is Text for a key that need not be there.
func (w *Words) Find(key string) (string, bool) {
	e, known := w.all[key]
	return w.pick(e.EN, e.IT), known
}

// Count returns the text with that key for so many: its own form for one, and
// the other for all else. The number is the first value filled in.
func (w *Words) Count(n int, key string, values ...any) string {
	e, known := w.all[key]
	if !known {
		return w.missing(key)
	}
	text := w.pick(e.EN, e.IT)
	if one := w.pick(e.OneEN, e.OneIT); n == 1 && one != "" {
		text = one
	}
	return fill(text, append([]any{n}, values...))
}

// Pick chooses between a text in both languages, such as a rule's title. What
// is missing in Italian is given in English.
func (w *Words) Pick(english, italian string) string { return w.pick(english, italian) }

// Err says which key was asked for and is not there; nil when none was.
func (w *Words) Err() error { return w.err }

func (w *Words) pick(english, italian string) string {
	if w.language == Italian && italian != "" {
		return italian
	}
	return english
}

func (w *Words) missing(key string) string {
	if w.err == nil {
		w.err = fmt.Errorf("words.yaml has no text %q", key)
	}
	return "!" + key + "!"
}

// fill leaves a text alone that takes no values: a percent sign in it is one.
func fill(text string, values []any) string {
	if !strings.Contains(text, "%") {
		return text
	}
	if len(values) == 0 {
		return strings.ReplaceAll(text, "%%", "%")
	}
	return fmt.Sprintf(text, values...)
}
