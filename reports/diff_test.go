package reports

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

func TestChangeOf(t *testing.T) {
	t.Parallel()
	const none = rules.Verdict("")
	for _, test := range []struct {
		before, after rules.Verdict
		want          Change // "": nothing changed
		alarms        bool
	}{
		{rules.Pass, rules.Pass, "", false},
		{rules.Pass, rules.Fail, Worse, true},
		{rules.Pass, rules.Warn, Worse, true},
		{rules.Pass, rules.Inconclusive, Worse, true},
		{rules.Pass, rules.Error, Worse, true},
		{rules.Observed, rules.Fail, Worse, true},
		{rules.Fail, rules.Pass, Better, false},
		{rules.Fail, rules.Warn, Better, false},
		{rules.Inconclusive, rules.Pass, Better, false},
		{rules.Error, rules.Inconclusive, Better, false},
		{rules.Inconclusive, rules.Fail, Worse, true},
		{rules.Fail, rules.Inconclusive, Gone, false},
		{rules.Fail, rules.Error, Gone, false},
		{rules.Fail, rules.NotExercised, Gone, false},
		{rules.Pass, rules.NotExercised, Gone, false},
		{rules.Pass, rules.Inapplicable, Gone, false},
		{rules.Pass, none, Gone, false},
		{rules.NotExercised, none, Gone, false},
		{none, rules.Pass, New, false},
		{none, rules.Fail, New, true},
		{none, rules.NotExercised, New, false},
		{rules.NotExercised, rules.Pass, New, false},
		{rules.NotExercised, rules.Warn, New, true},
		{rules.NotExercised, rules.Inconclusive, New, true},
		{rules.Inapplicable, rules.Fail, New, true},
		{rules.Pass, rules.Observed, Different, false},
		{rules.NotExercised, rules.Inapplicable, Different, false},
		{rules.Inconclusive, rules.NotExercised, Different, false},
	} {
		change, changed := changeOf(test.before, test.after)
		if change != test.want || changed != (test.want != "") || alarms(change, test.after) != test.alarms {
			t.Errorf("%q → %q: %q, alarms %v; want %q, %v", test.before, test.after, change, alarms(change, test.after), test.want, test.alarms)
		}
	}
}

// What differs between any two runs is no change; what means something else is.
func TestSense(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		one, other string
		same       bool
	}{
		{`"ACCETTAZIONE: prova COL-JBD27M9STG"`, `"ACCETTAZIONE: prova COL-XWDR6G8CJT"`, true},
		{`"ACCETTAZIONE: prova COL-JBD27M9STG"`, `"Accettazione: prova COL-XWDR6G8CJT"`, false},
		{"identifier pec2026112214544580edb866a35ea8ba3e@gestore.aurora.example", "identifier pec202611221504549fd745e480c5206c33@gestore.aurora.example", true},
		{"identifier pec2026112214544580edb866a35ea8ba3e@gestore.aurora.example", "identifier pec2026112214544580edb866a35ea8ba3e@gestore.borea.example", false},
		{"for anna@aurora.example", "for bruno@aurora.example", false},
		{"for anna1@aurora.example", "for anna2@aurora.example", false},
		{"the acceptance lay in the mailbox -198ms after the end of data", "the acceptance lay in the mailbox 1.2s after the end of data", true},
		{"the notice came 12h0m1s after the dispatch", "the notice came 12h0m7s after the dispatch", true},
		{"the notice came 12h0m1s after the dispatch", "the notice came 24h0m1s after the dispatch", false},
		{"taken in charge 23/11/2026 03:54:53 (+0100)", "taken in charge 01/07/2027 13:05:00 (+0200)", true},
		{"taken in charge 23/11/2026 03:54:53 (+0100)", "taken in charge 23/11/2026 03:54:53 (+0000)", false},
		{"data/giorno 23/11/2026", "data/giorno 2026-11-23", false},
		{"log file log-20261122T145437+0100.ndjson", "log file log-20270701T150449+0200.ndjson", true},
		{"Date: Mon, 2 Mar 2026 12:00:00 +0100", "Date: Tue, 14 Apr 2026 09:30:11 +0200", true},
		{"dial tcp 127.0.0.1:43211: connection refused", "dial tcp 127.0.0.1:9025: connection refused", true},
		{"hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "hash 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", true},
		{"550 5.1.1 unknown", "554 5.7.1 refused", false},
		{"2 recipients", "3 recipients", false},
		{"1 transport envelope (m53)", "1 transport envelope (m54)", true},
		{"1 transport envelope (m53)", "2 transport envelopes (m53, m54)", false},
		{"fields of the original in the delivery receipt: MIME-Version", "fields of the original in the delivery receipt: Date, MIME-Version", true},
		{"fields of the original in the delivery receipt: Date", "fields of the original in the delivery receipt: none", true},
		{"fields of the original in the delivery receipt: Date", "fields of the original in the delivery receipt: Subject", false},
	} {
		if got := sameSense(sense{test.one}, sense{test.other}); got != test.same {
			t.Errorf("%q and %q: same %v, want %v", test.one, test.other, got, test.same)
		}
	}
}

// changed is the sample run, a month later: other octets everywhere, one rule
// mended, one broken, one silent, one new; a scenario that could not be played.
func changed(t *testing.T) *rules.Result {
	t.Helper()
	r := sampleResult()
	rule := func(id string) *rules.RuleResult {
		for i := range r.Rules {
			if r.Rules[i].ID == id {
				return &r.Rules[i]
			}
		}
		t.Fatalf("the sample has no rule %s", id)
		return nil
	}
	to := func(id string, v rules.Verdict, change func(*rules.Check)) {
		rr := rule(id)
		for i := range rr.Checks {
			rr.Checks[i].Verdict = v
			change(&rr.Checks[i])
		}
		rr.Verdict = v
	}
	to("PEC-AP-012", rules.Pass, func(c *rules.Check) { c.Seen = "refused" })
	to("PEC-TE-001", rules.Fail, func(c *rules.Check) { c.Seen, c.Expected = "no field Subject", "one" })
	to("PEC-GEN-006", rules.Warn, func(c *rules.Check) { c.Seen = "windows-1252" })
	to("PEC-AP-037", rules.NotExercised, func(*rules.Check) {})
	rule("PEC-AP-037").Checks, rule("PEC-AP-037").Reason = nil, "no selected scenario brings the case about"
	r.Rules = append(r.Rules, rules.RuleResult{ID: "PEC-GEN-001", Verdict: rules.Inconclusive, Reason: "missing: the provider's log"})
	r.Scenarios[2].Error = ""
	r.Scenarios[2].Lacking = []string{"a peer"}
	r.Run.Rules, r.Run.Seed, r.Run.Version = nil, 8, "newer"
	r.Reason = "2 rules broken"
	r.Regroup()
	return r
}

func before(t *testing.T) *rules.Result {
	t.Helper()
	r := sampleResult()
	r.Run.Rules = nil // asked for everything, as the later one
	return r
}

func TestCompare(t *testing.T) {
	t.Parallel()
	c := Compare(before(t), changed(t), "out/march", "out/april")
	got := map[string]string{}
	for _, r := range c.Rules {
		got[r.Rule] = string(r.Change)
		if r.GotWorse {
			got[r.Rule] += ", worse"
		}
	}
	want := map[string]string{
		"PEC-AP-012": "better", "PEC-TE-001": "worse, worse", "PEC-GEN-006": "different", "PEC-AP-037": "gone, worse", "PEC-GEN-001": "new, worse",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if !c.GotWorse || c.Same != 5 || len(c.NotAsked) != 0 || len(c.Scenarios) != 1 || c.Scenarios[0].After.Key != scenarioLacking {
		t.Errorf("worse %v, same %d, not asked %v, scenarios %+v", c.GotWorse, c.Same, c.NotAsked, c.Scenarios)
	}
	var differ []string
	for _, one := range c.Differ {
		differ = append(differ, one.What)
	}
	if diff := cmp.Diff([]string{"version", "seed"}, differ); diff != "" {
		t.Errorf("circumstances (-want +got):\n%s", diff)
	}
	if same := Compare(before(t), before(t), "a", "b"); same.GotWorse || len(same.Rules) != 0 || same.Same != 9 {
		t.Errorf("a run beside itself: worse %v, %+v, %d the same", same.GotWorse, same.Rules, same.Same)
	}
}

// A run that was asked for less says nothing of the rest, and that is no change.
func TestCompareLeavesOutWhatWasNotAsked(t *testing.T) {
	t.Parallel()
	less := before(t)
	less.Run.Rules = []string{"PEC-AP-012"}
	less.Rules = []rules.RuleResult{less.Rules[3]}
	for _, pair := range [][2]*rules.Result{{before(t), less}, {less, before(t)}} {
		if c := Compare(pair[0], pair[1], "a", "b"); c.GotWorse || len(c.Rules) != 0 || c.Same != 1 || len(c.NotAsked) != 8 {
			t.Errorf("worse %v, %+v, %d the same, %d not asked", c.GotWorse, c.Rules, c.Same, len(c.NotAsked))
		}
	}
	fewer := before(t)
	fewer.Run.Selected, fewer.Scenarios = fewer.Run.Selected[1:], fewer.Scenarios[1:]
	fewer.Rules[5].Checks[0].Scenario = "hidden-recipient" // the same verdict, from another scenario
	c := Compare(before(t), fewer, "a", "b")
	for _, r := range c.Rules {
		if r.Rule == "PEC-TE-001" && r.GotWorse {
			t.Errorf("a pass in a scenario that the later run did not select counts as worse: %+v", r)
		}
		for _, check := range r.Checks {
			if r.Rule == "PEC-TE-001" && check.Scenario == "complete-exchange" {
				t.Errorf("a pass in a scenario that the later run did not select is told: %+v", check)
			}
		}
	}
	if len(c.Scenarios) != 1 || c.Scenarios[0].After.Key != scenarioNotSelected {
		t.Errorf("scenarios %+v, want one that was not selected", c.Scenarios)
	}
}

// Where one text stands for several places, which came first is chance; what
// breaks a rule is compared, in whatever order it stands there.
func TestReasons(t *testing.T) {
	t.Parallel()
	say := func(v rules.Verdict, count int, seen ...string) (list []rules.Check) {
		for _, s := range seen {
			list = append(list, rules.Check{Rule: "PEC-AP-012", By: "judge", Verdict: v, Count: count, Seen: s})
		}
		return list
	}
	for name, test := range map[string]struct {
		before, after []rules.Check
		same          bool
	}{
		"another order":          {say(rules.Fail, 1, "a", "b"), say(rules.Fail, 1, "b", "a"), true},
		"one reason more":        {say(rules.Fail, 1, "a"), say(rules.Fail, 1, "a", "b"), false},
		"one reason less":        {say(rules.Fail, 1, "a", "b"), say(rules.Fail, 1, "a"), false},
		"the same, more often":   {say(rules.Fail, 1, "a"), say(rules.Fail, 1, "a", "a", "a"), true},
		"a sum with one of them": {say(rules.Fail, 1, "a", "b"), append(say(rules.Fail, 1, "a"), say(rules.Fail, 7, "c")...), true},
		"a sum with none":        {say(rules.Fail, 1, "a"), say(rules.Fail, 7, "c"), false},
		"passes say nothing":     {say(rules.Pass, 1, "a"), say(rules.Pass, 1, "b"), true},
		"a policy":               {say(rules.Observed, 1, "a"), say(rules.Observed, 1, "b"), false},
		"policies, summed":       {say(rules.Observed, 3, "a"), say(rules.Observed, 3, "b"), true},
	} {
		if got := sameReasons(test.before, test.after); got != test.same {
			t.Errorf("%s: same %v, want %v", name, got, test.same)
		}
	}
}

func TestComparisonInBothLanguages(t *testing.T) {
	t.Parallel()
	c := Compare(before(t), changed(t), "out/march", "out/april")
	for language, file := range map[words.Language]string{words.English: "diff.txt", words.Italian: "diff.it.txt"} {
		var b bytes.Buffer
		if err := c.Text(&b, DiffOptions{Language: language, Width: 100}); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\x00") {
			t.Errorf("%s: what was seen reaches the terminal", file)
		}
		golden(t, file, b.Bytes())
	}
}

func TestComparisonAsJSON(t *testing.T) {
	t.Parallel()
	c := Compare(before(t), changed(t), "out/march", "out/april")
	octets, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "diff.json", octets)
	var again Comparison
	if err := json.Unmarshal(octets, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, &again); diff != "" {
		t.Errorf("read back (-made +read):\n%s", diff)
	}
}
