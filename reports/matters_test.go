package reports

import (
	"testing"

	"github.com/collaudo/collaudo/reports/words"
)

// Of every rule it is known why it matters, in both languages.
func TestWhyEveryRuleMatters(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	for _, language := range words.Languages() {
		w := words.In(language)
		for _, law := range catalogue.Rules {
			if matters(w, catalogue, law.ID) == "" {
				t.Errorf("%s in %s: nothing is said", law.ID, language)
			}
		}
		if w.Err() != nil {
			t.Error(w.Err())
		}
		if got := matters(w, catalogue, "PEC-ZZ-001"); got != "" {
			t.Errorf("of a rule that is not there it says %q", got)
		}
	}
}
