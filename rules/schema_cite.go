package rules

import "strings"

// Cite says where the rule is written: the sections of RFC 6109, then the
// Italian texts, in both languages.
func (r *Rule) Cite() Text {
	var en, it []string
	if len(r.Sections) > 0 {
		sections := strings.Join(r.Sections, ", ")
		en = append(en, "RFC 6109 "+sections)
		it = append(it, "RFC 6109 "+sections)
	}
	for _, source := range r.Italian {
		text := source.Text()
		en, it = append(en, text.EN), append(it, text.IT)
	}
	if len(en) == 0 {
		return r.Level.unwritten()
	}
	return Text{EN: strings.Join(en, "; "), IT: strings.Join(it, "; ")}
}

// unwritten says where a rule without a text comes from.
func (l Level) unwritten() Text {
	if l == LevelPractice {
		return Text{EN: "practice, seen in the field and written nowhere", IT: "prassi, osservata in uso e scritta da nessuna parte"}
	}
	return Text{EN: "a rule of this project, for robustness", IT: "una regola di questo progetto, per robustezza"}
}
