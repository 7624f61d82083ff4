package conformance

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/steps"
	"github.com/collaudo/collaudo/steps/reach"
)

func TestTheQuestionBeforeARunElsewhere(t *testing.T) {
	t.Parallel()
	target := &steps.Target{
		Providers: []steps.Provider{{Name: "Acme", IMAP: "imap.acme.example:993", SubmissionTLS: "127.0.0.1:465"}},
		Mailboxes: []steps.Mailbox{{Address: "prova@acme.example", Actor: "Bruno", Role: evidence.UserMailbox, Provider: "Acme"}},
		Word:      "k7q2m4x9",
		Reach:     steps.Reach{Allow: []string{"imap.acme.example"}, Permits: []string{steps.PermitVirus}},
	}
	asked := ""
	answer := func(yes bool, err error) func(string) (bool, error) {
		return func(question string) (bool, error) { asked = question; return yes, err }
	}
	tests := []struct {
		name    string
		options Options
		says    string // "" : the door opens
		asked   bool
	}{
		{"agreed", Options{Confirm: answer(true, nil)}, "", true},
		{"refused", Options{Confirm: answer(false, nil)}, "the answer was not yes", true},
		{"nobody answers", Options{Confirm: answer(false, io.EOF)}, "--yes", true},
		{"an answer that cannot be read", Options{Confirm: answer(true, errors.New("broken"))}, "broken", true},
		{"nobody to ask", Options{}, "--yes", false},
		{"saved", Options{Yes: true, Confirm: answer(false, nil)}, "", false},
	}
	for _, tt := range tests { // in turn: they share what was asked
		asked = ""
		tt.options.Target = target
		door, err := tt.options.door(12)
		if opened := err == nil && door != nil; opened != (tt.says == "") || err != nil && (!strings.Contains(err.Error(), tt.says) || ExitCodeOf(err) != ExitUsage) {
			t.Errorf("%s: door %v, %v, expected %q", tt.name, door != nil, err, tt.says)
		}
		if (asked != "") != tt.asked {
			t.Errorf("%s: asked %q", tt.name, asked)
		}
		if tt.asked {
			for _, word := range []string{"12 scenarios", "imap.acme.example:993", "60 messages a minute", "virus", "prova@acme.example", "sconosciuto-k7q2m4x9@acme.example", "sconosciuto-k7q2m4x9-01@", "sconosciuto-k7q2m4x9@ufficio."} {
				if !strings.Contains(asked, word) {
					t.Errorf("%s: the question does not speak of %q:\n%s", tt.name, word, asked)
				}
			}
			if strings.Contains(asked, "127.0.0.1") {
				t.Errorf("the question speaks of this machine:\n%s", asked)
			}
		}
	}
	// --yes saves the question, not the allow-list.
	target.Reach.Allow = nil
	for _, o := range []Options{{Yes: true, Target: target}, {Confirm: answer(true, nil), Target: target}} {
		asked = ""
		if _, err := o.door(12); !errors.Is(err, reach.ErrNotAllowed) || ExitCodeOf(err) != ExitUsage || asked != "" {
			t.Errorf("not allowed, yes %v: %v, asked %q", o.Yes, err, asked)
		}
	}
}

func TestTheDoorOfABuiltInRunLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	door, err := (&Options{}).door(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := door.Check("127.0.0.1:25"); err != nil {
		t.Error(err)
	}
	if err := door.Check("imap.acme.example:993"); !errors.Is(err, reach.ErrNotAllowed) {
		t.Errorf("%v, expected ErrNotAllowed", err)
	}
}

// TestTheWordOfARun: a run that is taken up again and the shards of one run write
// to the same addresses, another run to others, and the caller's description
// stays as it is.
func TestTheWordOfARun(t *testing.T) {
	t.Parallel()
	target := &steps.Target{
		Name:      "acme",
		Providers: []steps.Provider{{Name: "Acme", ServiceAddress: "pec@acme.example", Domains: []string{"acme.example"}}},
	}
	word := func(seed int64) string {
		o := Options{Target: target, Seed: seed}
		if err := o.askEndpoint(); err != nil {
			t.Fatal(err)
		}
		return o.Target.Word
	}
	if one, again, other := word(1), word(1), word(2); len(one) < 8 || one != again || one == other {
		t.Errorf("words %q, %q again, %q of another seed", one, again, other)
	}
	if target.Word != "" {
		t.Errorf("the caller's description was changed: word %q", target.Word)
	}
}
