package console

import (
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Languages of the console.
const (
	English = "en"
	Italian = "it"
)

//go:embed words.yaml
var wordsFile []byte

// word is one text in the languages of the console. A text may have verbs of
// package fmt; both languages then take the same operands.
type word struct {
	English string `yaml:"en"`
	Italian string `yaml:"it"`
}

// words are all texts of the console, by key: the one source of them.
var words = sync.OnceValues(func() (map[string]word, error) {
	all := map[string]word{}
	if err := yaml.Unmarshal(wordsFile, &all); err != nil {
		return nil, fmt.Errorf("console: the words are no YAML: %w", err)
	}
	return all, nil
})

// speaker says texts in one language.
type speaker struct {
	words    map[string]word
	language string
}

// Say returns the text of a key. One that is not there is shown as its key: a
// test sees to it that there is none.
func (s speaker) Say(key string, operands ...any) string {
	w, ok := s.words[key]
	if !ok {
		return key
	}
	text := w.English
	if s.language == Italian {
		text = w.Italian
	}
	if len(operands) == 0 {
		return text
	}
	return fmt.Sprintf(text, operands...)
}

// SayOf returns the text of a word of the protocol or of the world, such as
// the name of a kind, under its group; the word itself where it is not known.
func (s speaker) SayOf(group, name string) string {
	if _, ok := s.words[group+"."+name]; !ok {
		return name
	}
	return s.Say(group + "." + name)
}

// Count says how many: the key with ".one" or ".many" after it.
func (s speaker) Count(key string, n int) string {
	if n == 1 {
		return s.Say(key+".one", n)
	}
	return s.Say(key+".many", n)
}

// languageCookie holds the language that was chosen by hand.
const languageCookie = "language"

// languageOf chooses the language of a request: what was chosen by ?lang, then
// by hand before, then what the browser asks for, then the default.
func languageOf(r *http.Request, byDefault string) string {
	chosen := r.URL.Query().Get("lang")
	if chosen != English && chosen != Italian {
		chosen = ""
		if c, err := r.Cookie(languageCookie); err == nil {
			chosen = c.Value
		}
	}
	if chosen == English || chosen == Italian {
		return chosen
	}
	for _, asked := range strings.Split(r.Header.Get("Accept-Language"), ",") { // browsers write the preferred one first
		tag, _, _ := strings.Cut(strings.TrimSpace(asked), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if primary == English || primary == Italian {
			return primary
		}
	}
	return byDefault
}
