package reports

import (
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// matters says in one sentence what a breach of a rule means for people: what
// the rules of its family are for. "" of a rule that is not in the catalogue.
func matters(w *words.Words, catalogue *rules.Catalogue, id string) string {
	law, known := catalogue.Rule(id)
	if !known {
		return ""
	}
	return w.Text("matters." + law.Family)
}
