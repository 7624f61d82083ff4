package words

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Said finds a sentence that the rules have said in English, such as the reason
// of a verdict, and gives it in this language. The sentences are the texts whose
// key begins with "said."; a text of several clauses, parted by "; ", is given
// when all of them are known. What is not known is returned as it is, with
// false: whoever shows it has to say that it is English.
func (w *Words) Said(text string) (string, bool) {
	if w.language == English {
		return text, true
	}
	var told []string
	for clause := range strings.SplitSeq(text, "; ") {
		one, known := w.said(clause)
		if !known {
			return text, false
		}
		told = append(told, one)
	}
	return strings.Join(told, "; "), true
}

func (w *Words) said(clause string) (string, bool) {
	for _, p := range phrases() {
		found := p.english.FindStringSubmatch(clause)
		if found == nil {
			continue
		}
		values := make([]any, 0, len(found))
		for _, value := range found[1:] {
			values = append(values, value)
		}
		if len(values) == 0 {
			return p.italian, true
		}
		return fmt.Sprintf(p.italian, values...), true
	}
	return clause, false
}

// phrase is a sentence of the rules, and how to know it again.
type phrase struct {
	english *regexp.Regexp
	italian string // takes texts only
}

const saidPrefix = "said."

// phrases are the sentences of the rules, by key; of each the form for 1 first.
var phrases = sync.OnceValue(func() []phrase {
	all, err := load()
	if err != nil {
		return nil // In says so
	}
	var keys []string
	for key := range all {
		if strings.HasPrefix(key, saidPrefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	texts := strings.NewReplacer("%d", "%s")
	patterns := strings.NewReplacer("%d", `([0-9]+)`, "%s", `(.+)`)
	var list []phrase
	for _, key := range keys {
		e := all[key]
		for _, form := range [][2]string{{e.OneEN, e.OneIT}, {e.EN, e.IT}} {
			if form[0] != "" {
				list = append(list, phrase{
					english: regexp.MustCompile("^" + patterns.Replace(regexp.QuoteMeta(form[0])) + "$"),
					italian: texts.Replace(form[1]),
				})
			}
		}
	}
	return list
})
