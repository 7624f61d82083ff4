package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSuggest(t *testing.T) {
	t.Parallel()
	c := loadedCatalogue(t)
	for _, test := range []struct {
		asked string
		want  string // the first suggestion; empty: none
	}{
		{"PEC-TE-001", "PEC-TE-001"},
		{"pec-te-1", "PEC-TE-001"},
		{"TE001", "PEC-TE-001"},
		{"te 21", "PEC-TE-021"},
		{"PEC-VRI-001", "PEC-VIR-001"},
		{"PEC-GEN-03", "PEC-GEN-003"},
		{"PEC-TE-091", "PEC-TE-001"},
		{"something else", ""},
		{"", ""},
	} {
		got := c.Suggest(test.asked)
		if len(got) > maxSuggestions {
			t.Errorf("Suggest(%q) offers %d ids, want at most %d", test.asked, len(got), maxSuggestions)
		}
		first := ""
		if len(got) > 0 {
			first = got[0]
		}
		if first != test.want {
			t.Errorf("Suggest(%q) = %v, want %q first", test.asked, got, test.want)
		}
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	c := loadedCatalogue(t)
	ids := func(rules []*Rule) (list []string) {
		for _, r := range rules {
			list = append(list, r.ID)
		}
		return list
	}
	chosen, err := c.Select("sd", "PEC-GEN-003", "gen-1", "PEC-SD-001")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"PEC-GEN-001", "PEC-GEN-003", "PEC-SD-001", "PEC-SD-002", "PEC-SD-003"}
	if diff := cmp.Diff(want, ids(chosen)); diff != "" {
		t.Errorf("Select (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{
		"PEC-TE-099": "did you mean PEC-TE-009",
		"nonsense":   "the families are GEN, SIG",
	} {
		if _, err := c.Select(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Select(%q) = %v, want an error with %q", name, err, want)
		}
	}
}
