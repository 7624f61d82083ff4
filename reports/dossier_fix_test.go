package reports

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// What is to be done first follows from what the check found at fault, not only
// from the family of the rule.
func TestDossierFirstStep(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		seen    string
		where   rules.Where
		subject string
		says    string // by the step, in Italian
	}{
		"field":                  {"x", rules.Where{Message: "m1", Part: "header Subject"}, subjectHeader, "il campo Subject dell'intestazione"},
		"field that is gone":     {"none", rules.Where{Message: "m1", Part: "header Reply-To"}, subjectHeaderMissing, "manca il campo Reply-To"},
		"header":                 {"x", rules.Where{Message: "m1", Part: "header"}, subjectHeaders, "l'intestazione"},
		"data":                   {"x", rules.Where{Message: "m1", Part: "daticert.xml consegna"}, subjectData, "daticert.xml"},
		"text":                   {"x", rules.Where{Message: "m1", Part: "text/html"}, subjectText, "il testo"},
		"original":               {"x", rules.Where{Message: "m1", Part: "postacert.eml"}, subjectOriginal, "postacert.eml"},
		"signature":              {"x", rules.Where{Message: "m1", Part: "signature part"}, subjectSignature, "la firma"},
		"certificate":            {"x", rules.Where{Message: "m1", Part: "signer certificate"}, subjectCertificate, "il certificato"},
		"certificate of a CA":    {"x", rules.Where{Part: "certificate of the CA"}, subjectCertificate, "il certificato"},
		"missing message":        {"none", rules.Where{Submission: "s1"}, subjectMissing, "registro"},
		"no messages":            {"0 messages", rules.Where{Submission: "s1"}, subjectMissing, "registro"},
		"field of what was sent": {"accepted", rules.Where{Submission: "s1", Part: "header To"}, subjectSent, "La prova ha dato al sistema"},
		"dialogue":               {"250", rules.Where{Submission: "s1", Part: "SMTP dialogue"}, subjectDialogue, "il dialogo"},
		"probe":                  {"250", rules.Where{Part: "probe imap at Aurora"}, subjectDialogue, "il dialogo"},
		"log":                    {"x", rules.Where{Part: "log of Aurora"}, subjectLog, "(log)"},
		"directory":              {"x", rules.Where{Part: "entry o=postacert, line 3"}, subjectDirectory, "indice dei gestori"},
		"mailbox":                {"x", rules.Where{Part: "mailbox bruno@borea.example"}, subjectMailbox, "la casella"},
		"store":                  {"x", rules.Where{Part: "store of Aurora"}, subjectStore, "messaggi infetti"},
		"too many":               {"2 messages", rules.Where{Submission: "s1"}, "", "Correggere il punto di accesso"},
		"another part":           {"x", rules.Where{Message: "m1", Part: "identifiers"}, "", "Correggere il punto di accesso"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := &rules.Check{Verdict: rules.Fail, Seen: test.seen, Where: test.where}
			if got, _ := subjectOf(check); got != test.subject {
				t.Errorf("at fault is %q, want %q", got, test.subject)
			}
			for _, language := range words.Languages() {
				m := &dossierMaker{telling: &telling{catalogue: loadCatalogue(t)}, words: words.In(language)}
				step, part := m.fix("PEC-AP-012", check)
				if err := m.words.Err(); err != nil || step == "" {
					t.Fatalf("%s: step %q, %v", language, step, err)
				}
				if language == words.Italian && !strings.Contains(step, test.says) {
					t.Errorf("it says %q, want one that holds %q", step, test.says)
				}
				if (part == "") != (test.subject == "") {
					t.Errorf("%s: the part of the system is said twice or not at all: %q, %q", language, step, part)
				}
			}
		})
	}
}
