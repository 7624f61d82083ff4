package rules

// Trials: a judge against a case, and the meta test that every judge has been
// seen to hold and to break.

import (
	"fmt"
	"sync"
	"testing"
)

// trial is one judge against one case.
type trial struct {
	rule  string
	name  string
	build func(c *testCase) // builds the case; c.t for replacements
	want  answer            // the worst answer that the judge must give
	none  bool              // the judge must give no answer at all
}

// alone is a case with the standard submission and one message, altered by pairs
// of old and new text.
func alone(name string, pairs ...string) func(*testCase) {
	return func(c *testCase) {
		c.submitted(originalText)
		c.put(correct(name).with(c.t, pairs...))
		c.settled()
	}
}

// lawOnce loads the catalogue for all trials.
var lawOnce = sync.OnceValues(LoadCatalogue)

// badness orders answers, worst first.
var badness = []answer{broken, unable, deviates, warned, holds, observed}

func worst(list []finding) (finding, bool) {
	for _, a := range badness {
		for _, f := range list {
			if f.answer == a {
				return f, true
			}
		}
	}
	return finding{}, false
}

func (a answer) name() string {
	return map[answer]string{holds: "holds", broken: "broken", deviates: "deviates", observed: "observed", warned: "warned", unable: "unable"}[a]
}

// runTrials runs the trials, and demands that each judge has a trial in which it
// holds and one in which it breaks. Rules in onlyObserved can do neither: for
// them an observation is enough.
func runTrials(t *testing.T, judges []Judge, trials []trial, onlyObserved ...string) {
	t.Helper()
	catalogue, err := lawOnce()
	if err != nil {
		t.Fatal(err)
	}
	byRule := map[string]Judge{}
	for _, j := range judges {
		if _, twice := byRule[j.Rule]; twice {
			t.Errorf("%s has two judges in one list", j.Rule)
		}
		if j.Looks == "" {
			t.Errorf("%s does not say what it looks at", j.Rule)
		}
		byRule[j.Rule] = j
	}
	seen := map[string]map[answer]bool{}
	for _, tr := range trials {
		if seen[tr.rule] == nil {
			seen[tr.rule] = map[answer]bool{}
		}
		if !tr.none {
			seen[tr.rule][tr.want] = true
		}
	}
	for rule := range byRule {
		law, known := catalogue.Rule(rule)
		if known && law.Practice != nil && !seen[rule][deviates] {
			t.Errorf("%s has a practice entry and no trial in which it deviates", rule)
		}
		t.Run(rule+"/meta", func(t *testing.T) {
			for _, o := range onlyObserved {
				if o == rule {
					if !seen[rule][observed] {
						t.Errorf("%s has no trial in which it observes", rule)
					}
					return
				}
			}
			if !seen[rule][holds] || !seen[rule][broken] && !seen[rule][warned] {
				t.Errorf("%s needs a trial in which it holds and one in which it breaks", rule)
			}
		})
	}
	for _, tr := range trials {
		t.Run(fmt.Sprintf("%s/%s", tr.rule, tr.name), func(t *testing.T) {
			t.Parallel()
			j, ok := byRule[tr.rule]
			if !ok {
				t.Fatalf("no judge for %s", tr.rule)
			}
			c := newCase(t)
			tr.build(c)
			var f Findings
			j.Look(c.view(), &f)
			got, any := worst(f.list)
			for _, found := range f.list {
				if law, ok := catalogue.Rule(tr.rule); found.answer == deviates && (!ok || law.Practice == nil) {
					t.Errorf("the judge forgives what the practice entry of %s does not: %+v", tr.rule, found)
				}
			}
			switch {
			case tr.none && any:
				t.Fatalf("must not be exercised, but %s: expected %q, seen %q %s", got.answer.name(), got.expected, got.seen, got.need)
			case tr.none:
			case !any:
				t.Fatalf("want %s, but the judge gave no answer", tr.want.name())
			case got.answer != tr.want:
				t.Fatalf("want %s, got %s: expected %q, seen %q %s", tr.want.name(), got.answer.name(), got.expected, got.seen, got.need)
			case got.answer == broken && (got.expected == "" || got.seen == ""):
				t.Errorf("a breach must say what was expected and what was seen: %+v", got)
			}
		})
	}
}

// holdsEverywhere is a trial in which the standard exchange keeps the rule.
func holdsEverywhere(rule string) trial {
	return trial{rule: rule, name: "standard exchange", build: func(c *testCase) { c.exchange() }, want: holds}
}
