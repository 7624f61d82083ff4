package reports

import (
	"slices"

	"github.com/collaudo/collaudo/rules"
)

// why tells where a rule is written, what it is for, how doubts about it were
// decided, so that who disagrees knows with what, and what to do about it. What
// the harness itself got wrong breaks no rule, and needs none of it.
func (p *printer) why(catalogue *rules.Catalogue, id string, verdict rules.Verdict) {
	law, known := catalogue.Rule(id)
	if !known || verdict != rules.Fail {
		return
	}
	words := english()
	p.wrapped("    source    ", law.Cite().EN)
	for _, note := range rules.FootnotesOf(law.Cite()) {
		if !slices.Contains(p.notes, note.EN) {
			p.notes = append(p.notes, note.EN)
		}
	}
	p.wrapped("    matters   ", matters(words, catalogue, id))
	if p.err == nil {
		p.err = words.Err()
	}
	for _, name := range law.Decisions {
		if d, known := catalogue.Decision(name); known {
			p.wrapped("    decided   ", name+": "+d.Decision.EN)
		}
	}
	p.wrapped("    next      ", "collaudo rules explain "+id)
}

// footnotes tells what the marks in the sources of rules mean.
func (p *printer) footnotes() {
	if len(p.notes) > 0 {
		p.line("")
	}
	for _, note := range p.notes {
		p.wrapped("  ", note)
	}
}
