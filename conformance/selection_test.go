package conformance

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/rules"
)

const sampleFeature = `@topic
Feature: Sample

  Background:
    Given the world stands

  Rule: A message needs a sender

    @id:no-from @PEC-AP-005
    Scenario: No From at all
      When Anna submits "x | y"
      Then it is refused

  @id:every-kind @core @PEC-INT-001
  Scenario: All kinds
    When Anna submits
      | a | b\|c |
    Then all arrive

  @id:subject @PEC-GEN-025
  Scenario Outline: Subject <id>
    When the subject is "<subject>"
    Then it is kept

    Examples:
      | id     | subject |
      | plain  | Ciao    |
      | quoted | a "b"   |
`

func sample(t *testing.T) []Scenario {
	t.Helper()
	all, err := readScenarios(fstest.MapFS{"1_sample.feature": {Data: []byte(sampleFeature)}})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func ids(scenarios []Scenario) []string {
	var list []string
	for _, s := range scenarios {
		list = append(list, s.ID)
	}
	return list
}

func TestScenariosAreReadWithTheirExamples(t *testing.T) {
	t.Parallel()
	all := sample(t)
	want := []string{"no-from", "every-kind", "subject-plain", "subject-quoted"}
	got := ids(all)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	for _, s := range all {
		if s.ID != "no-from" {
			continue
		}
		if s.Block != "A message needs a sender" || !slices.Equal(s.Rules, []string{"PEC-AP-005"}) || !slices.Contains(s.Tags, "@topic") {
			t.Errorf("block %q, rules %v, tags %v", s.Block, s.Rules, s.Tags)
		}
	}
}

func TestAScenarioWrittenBackReadsTheSame(t *testing.T) {
	t.Parallel()
	for _, s := range sample(t) {
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(string(s.gherkin()), "  Scenario:", "  @id:again @PEC-X-001\n  Scenario:", 1)
			again, err := readScenarios(fstest.MapFS{"again.feature": {Data: []byte(text)}})
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			if diff := cmp.Diff(s.start().Steps, again[0].start().Steps); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBrokenFeaturesAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"no id":       "Feature: F\n  @PEC-AP-005\n  Scenario: S\n    Then x\n",
		"no rule":     "Feature: F\n  @id:a\n  Scenario: S\n    Then x\n",
		"id twice":    "Feature: F\n  @id:a @PEC-AP-005\n  Scenario: S\n    Then x\n  @id:a @PEC-AP-005\n  Scenario: T\n    Then y\n",
		"row no id":   "Feature: F\n  @id:a @PEC-AP-005\n  Scenario Outline: S\n    Then <x>\n    Examples:\n      | x |\n      | 1 |\n",
		"empty file":  "",
		"not gherkin": "Scenario without feature\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := readScenarios(fstest.MapFS{"f.feature": {Data: []byte(text)}}); err == nil {
				t.Errorf("accepted:\n%s", text)
			}
		})
	}
}

func TestSelection(t *testing.T) {
	t.Parallel()
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	all := sample(t)
	tests := []struct {
		name  string
		rules []string
		tags  string
		want  []string // sorted ids; nil: refused as usage
		scope string
	}{
		{"everything", nil, "", []string{"every-kind", "no-from", "subject-plain", "subject-quoted"}, "full"},
		{"a rule", []string{"PEC-AP-005"}, "", []string{"no-from"}, "subset"},
		{"a rule in short", []string{"ap-005"}, "", []string{"no-from"}, "subset"},
		{"a rule of every message brings the core", []string{"PEC-SIG-002"}, "", []string{"every-kind"}, "subset"},
		{"tags", nil, "@topic and not @core and not @PEC-AP-005", []string{"subject-plain", "subject-quoted"}, "subset"},
		{"unknown rule", []string{"PEC-AP-999"}, "", nil, ""},
		{"unknown family", []string{"QQ"}, "", nil, ""},
		{"unknown tag", nil, "@nosuchtag", nil, ""},
		{"unknown tag, negated", nil, "not @nosuchtag", nil, ""},
		{"nothing left", []string{"PEC-AP-005"}, "@core", nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := choose(all, catalogue, test.rules, test.tags)
			if test.want == nil {
				if !errors.Is(err, ErrUsage) {
					t.Fatalf("error %v; want ErrUsage", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			list := ids(got.Scenarios)
			slices.Sort(list)
			if diff := cmp.Diff(test.want, list); diff != "" {
				t.Errorf("scenarios (-want +got):\n%s", diff)
			}
			if got.Scope != test.scope {
				t.Errorf("scope %q, want %q", got.Scope, test.scope)
			}
		})
	}
}

// Of the scenarios that are played for rules which every message has to keep it is
// known that they are: whoever asked for one rule is told why so many are played.
func TestSelectionTellsWhatIsCommon(t *testing.T) {
	t.Parallel()
	all := []Scenario{
		{ID: "one", Rules: []string{"PEC-AP-005"}, Tags: []string{"@core"}},
		{ID: "two", Tags: []string{"@core"}},
		{ID: "three", Tags: []string{"@stages:PEC-AP-006"}},
	}
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		asked  []string
		played int
		common []string
		core   int
	}{
		{nil, 3, nil, 0},
		{[]string{"PEC-AP-005"}, 1, nil, 0},
		{[]string{"PEC-ACC-003"}, 2, []string{"PEC-ACC-003"}, 2},
		{[]string{"PEC-ACC-003", "PEC-AP-005"}, 2, []string{"PEC-ACC-003"}, 1},
		{[]string{"PEC-AP-006"}, 1, nil, 0},
	} {
		got, err := choose(all, catalogue, test.asked, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Scenarios) != test.played || !slices.Equal(got.Common, test.common) || got.Core() != test.core {
			t.Errorf("%q: %d scenarios, common %q, core %d, want %d, %q, %d", test.asked, len(got.Scenarios), got.Common, got.Core(), test.played, test.common, test.core)
		}
	}
}
