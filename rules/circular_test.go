package rules

import (
	"strings"
	"testing"
)

// Every rule that can be broken has a class and a reason; only what is not about
// providers has none.
func TestEveryRuleHasAClass(t *testing.T) {
	t.Parallel()
	catalogue, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	circular, err := LoadCircular(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	for _, law := range catalogue.Rules {
		c := circular.Of(law.ID)
		if !c.Because.complete() {
			t.Errorf("%s has no reason for its class", law.ID)
		}
		if (c.Class.Number == 0) != (law.Family == "CLI") {
			t.Errorf("%s is in class %d", law.ID, c.Class.Number)
		}
		technical := law.Level == LevelMust && law.Violation == ViolationFail && law.Family != "SLA"
		if technical && c.Class.Number > 2 && law.ID != "PEC-AP-004" {
			t.Errorf("%s is a technical rule, and a breach is put in class %d", law.ID, c.Class.Number)
		}
	}
	for id, want := range map[string]int{
		"PEC-TE-003":  1, // of its family
		"PEC-NA-003":  2,
		"PEC-NA-008":  1, // its own
		"PEC-AP-021":  4, // of its level, though the family says 2
		"PEC-AP-004":  3,
		"PEC-RB-017":  5,
		"PEC-CLI-005": 0, // its level says 5, and the circular does not speak of clients
		"PEC-XX-001":  0,
	} {
		if got := circular.Of(id).Class.Number; got != want {
			t.Errorf("%s is in class %d, want %d", id, got, want)
		}
	}
}

func TestCircularIsReadStrictly(t *testing.T) {
	t.Parallel()
	catalogue, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, from, to, want string }{
		{"unknown key", "    class: 1\n", "    klass: 1\n", "klass"},
		{"a class that the table has not", "    class: 1\n", "    class: 6\n", "expected a class from 1 to 5"},
		{"no class", "    class: 1\n", "", "expected a class from 1 to 5"},
		{"a class left out of the table", "  - number: 5\n", "  - number: 6\n", "expected number 5"},
		{"unknown family", "family: GEN", "family: GNE", "GNE: expected the code of a family"},
		{"family twice", "family: SIG", "family: GEN", "GEN: is there twice"},
		{"unknown rule", "rule: PEC-AP-004", "rule: PEC-AP-904", "PEC-AP-904: expected the id of a rule"},
		{"unknown level", "level: own", "level: ours", "ours: expected a level"},
		{"an entry in the wrong list", "level: own", "rule: PEC-AP-004", "PEC-AP-004: expected a level"},
		{"no reason", `en: "The technical rules say nothing of it."`, `en: ""`, "MBX: needs a reason"},
		{"a family without class", "  - family: SD\n    class: 2\n    because:\n      en: \"Sender and recipient are users of the same provider.\"\n      it: \"Mittente e destinatario sono utenti dello stesso gestore.\"\n", "", "PEC-SD-001: has no class"},
		{"second document", "rules:\n", "---\nrules:\n", "second YAML document"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			altered := strings.Replace(string(circularData), test.from, test.to, 1)
			if altered == string(circularData) {
				t.Fatalf("circular.yaml holds no %q", test.from)
			}
			if _, err := readCircular([]byte(altered), catalogue); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want an error that says %q", err, test.want)
			}
		})
	}
}
