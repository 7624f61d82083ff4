package reports

import (
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// citeOf says where the rule with that id is written.
func (m *dossierMaker) citeOf(id string) string {
	law, known := m.catalogue.Rule(id)
	if !known {
		return ""
	}
	return m.cite(law)
}

// cite says where a rule is written, in short: places in the same text stand
// behind one name of it. The marks of uncertain numbers stay.
func (m *dossierMaker) cite(law *rules.Rule) string {
	if len(law.Sections)+len(law.Italian) == 0 {
		return pick(m.words, law.Cite())
	}
	var parts []string
	if len(law.Sections) > 0 {
		parts = append(parts, "RFC 6109 "+strings.Join(law.Sections, ", "))
	}
	var texts []string
	places := map[string][]string{}
	for _, source := range law.Italian {
		text, place := m.inText(source)
		if places[text] == nil {
			texts = append(texts, text)
		}
		places[text] = append(places[text], place)
	}
	for _, text := range texts {
		list := strings.Join(places[text], ", ")
		switch {
		case text != "" && len(places[text]) > 1:
			list = m.words.Text(text+".many", list)
		case text != "":
			list = m.words.Text(text, list)
		}
		parts = append(parts, list)
	}
	return strings.Join(parts, "; ")
}

// inText parts a source into the text that it is in, as a key of the words, and
// the place there; a source in another text is given in full.
func (m *dossierMaker) inText(source rules.Source) (key, place string) {
	full := source.Text().EN
	mark := full[len(strings.TrimRight(full, "*")):]
	for _, text := range [][2]string{{"A", "dossier.cite.annex"}, {"DM", "dossier.cite.decree"}, {"DPR", "dossier.cite.dpr"}} {
		number, is := strings.CutPrefix(source.Place(), text[0])
		if is && number != "" && number[0] >= '0' && number[0] <= '9' {
			return text[1], number + mark
		}
	}
	return "", pick(m.words, source.Text())
}
