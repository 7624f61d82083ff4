package words

import "testing"

// What the rules have said in English is known again, clause by clause; what is
// not known stays as it is.
func TestSaid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, want string
		known      bool
	}{
		{"1 rule broken", "1 regola violata", true},
		{"3 rules broken", "3 regole violate", true},
		{"no rule broken, 1 warning to look at", "nessuna regola violata, 1 avvertenza da esaminare", true},
		{"3 rules broken; claim contradicted: html-notices", "3 regole violate; dichiarazione smentita: html-notices", true},
		{"the run was cut short after 2 of 12 scenarios", "la prova è stata interrotta dopo 2 di 12 scenari", true},
		{"3 rules broken; and more", "3 rules broken; and more", false},
		{"nobody said this", "nobody said this", false},
	} {
		if got, known := In(Italian).Said(test.text); got != test.want || known != test.known {
			t.Errorf("%q: %q, %v, want %q, %v", test.text, got, known, test.want, test.known)
		}
		if got, known := In(English).Said(test.text); got != test.text || !known {
			t.Errorf("%q in English: %q, %v", test.text, got, known)
		}
	}
}
