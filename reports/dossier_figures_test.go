package reports

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// Each rule stands in one line of each table, and the columns add up.
func TestDossierCoverageAddsUp(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	result := sampleResult()
	m := &dossierMaker{telling: &telling{result: result, catalogue: catalogue}, words: words.In(words.English), results: byRule(result)}
	for _, table := range m.coverage() {
		all := 0
		for _, row := range table.Rows {
			sum := 0
			for _, c := range row.Counts {
				sum += c.N
			}
			if sum != row.Rules || row.Number == "" || row.Topic == "" {
				t.Errorf("%s, %q (%q): %d in the columns of %d rules", table.Title, row.Number, row.Topic, sum, row.Rules)
			}
			all += row.Rules
		}
		if all != len(catalogue.Rules) || table.Total.Rules != all {
			t.Errorf("%s: %d rules, total %d, want %d", table.Title, all, table.Total.Rules, len(catalogue.Rules))
		}
		want := map[string]int{"pass": 1, "observed": 1, "warn": 1, "fail": 1, "inconclusive": 2}
		for i, key := range columnKeys() {
			if n, known := want[key]; known && table.Total.Counts[i].N != n {
				t.Errorf("%s: %d %s, want %d", table.Title, table.Total.Counts[i].N, key, n)
			}
		}
	}
}

// Every family says what to do, and every kind of exclusion what it is.
func TestDossierWords(t *testing.T) {
	t.Parallel()
	w := words.In(words.Italian)
	for _, family := range loadCatalogue(t).Families {
		w.Text("dossier.fix." + family.Code)
	}
	for _, kind := range rules.ExclusionKinds() {
		w.Text("dossier.kind." + string(kind))
	}
	if err := w.Err(); err != nil {
		t.Error(err)
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(100-i)*time.Second)
	}
	for _, test := range []struct {
		list []time.Duration
		want spread
	}{
		{[]time.Duration{7}, spread{7, 7, 7}},
		{[]time.Duration{9, 1}, spread{1, 9, 9}},
		{[]time.Duration{3, 1, 2}, spread{2, 3, 3}},
		{hundred[87:], spread{7 * time.Second, 13 * time.Second, 13 * time.Second}}, // 12 of 13 are not 95 %
		{hundred, spread{50 * time.Second, 95 * time.Second, 100 * time.Second}},
	} {
		if got := spreadOf(slices.Clone(test.list)); got != test.want {
			t.Errorf("%v: %v, want %v", test.list, got, test.want)
		}
	}
}

// Times are measured from what was accepted, and not where the scenario makes
// the delay itself.
func TestDossierTimes(t *testing.T) {
	t.Parallel()
	record, err := evidence.Open(sampleRun(t))
	if err != nil {
		t.Fatal(err)
	}
	c := record.Cases[slices.IndexFunc(record.Cases, func(c *evidence.Case) bool { return c.Start.ID == "complete-exchange" })]
	look := func(alter func(*evidence.Case)) measures {
		altered := *c
		altered.Submissions = slices.Clone(c.Submissions)
		alter(&altered)
		view, err := rules.NewView(&altered)
		if err != nil {
			t.Fatal(err)
		}
		return measure(&altered, view)
	}
	accepted := measures{Acceptance: []time.Duration{time.Second}, Delivery: []time.Duration{time.Second}, Recipients: 1, Total: 240}
	for _, test := range []struct {
		name  string
		alter func(*evidence.Case)
		want  measures
	}{
		{"as it is", func(*evidence.Case) {}, accepted},
		{"ended within a second", func(c *evidence.Case) { c.Submissions[0].Ended = noon.Add(900 * time.Millisecond) }, accepted},
		{"the clock was moved", func(c *evidence.Case) { c.ClockMoves = []evidence.ClockMove{{}} }, measures{Recipients: 1, Total: 240}},
		{"the network was cut", func(c *evidence.Case) { c.NetworkChanges = []evidence.NetworkChange{{}} }, measures{Recipients: 1, Total: 240}},
		{"refused", func(c *evidence.Case) { c.Submissions[0].DataReply.Code = 554 }, measures{}},
	} {
		if diff := cmp.Diff(test.want, look(test.alter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if diff := cmp.Diff(measures{}, measure(c, nil)); diff != "" {
		t.Errorf("of what cannot be read (-want +got):\n%s", diff)
	}
}

// Where section 5 lists more rules than section 3 counts as recorded, or fewer, the
// dossier says why; where it does not, nothing.
func TestDossierPolicyCount(t *testing.T) {
	t.Parallel()
	check := func(id string, verdict rules.Verdict, seen string) rules.RuleResult {
		return rules.RuleResult{ID: id, Verdict: verdict, Judged: true, Checks: []rules.Check{{Rule: id, Verdict: rules.Observed, Count: 1, Seen: seen}}}
	}
	recorded, silent := check("PEC-GEN-014", rules.Observed, "none"), check("PEC-GEN-015", rules.Observed, "")
	judged := check("PEC-GEN-019", rules.Pass, "no Sender field")
	for name, test := range map[string]struct {
		results []rules.RuleResult
		want    [2]string // in English and in Italian
	}{
		"the same": {[]rules.RuleResult{recorded}, [2]string{}},
		"one was judged too": {[]rules.RuleResult{recorded, judged}, [2]string{
			"Of the rules that are listed here (2), section 3 counts 1 under another outcome (kept, for instance), because it was also judged.",
			"Tra le regole elencate qui (2) la sezione 3 ne conta 1 sotto un altro esito (conforme, per esempio), perché è stata anche giudicata.",
		}},
		"two were": {[]rules.RuleResult{recorded, judged, check("PEC-GEN-001", rules.Pass, "a choice")}, [2]string{
			"Of the 3 rules that are listed here, section 3 counts 2 under other outcomes (kept, for instance), because they were also judged.",
			"Delle 3 regole elencate qui, la sezione 3 ne conta 2 sotto altri esiti (conformi, per esempio), perché sono state anche giudicate.",
		}},
		"silent": {[]rules.RuleResult{recorded, silent}, [2]string{
			"1 other that section 3 counts as recorded has nothing to show.",
			"1 altra che la sezione 3 conta tra quelle osservate non ha nulla da mostrare.",
		}},
	} {
		result := &rules.Result{Rules: test.results}
		for i, language := range []words.Language{words.English, words.Italian} {
			m := &dossierMaker{telling: &telling{result: result, catalogue: loadCatalogue(t)}, words: words.In(language), results: byRule(result)}
			if got := m.policyCount(m.policies()); got != test.want[i] || m.words.Err() != nil {
				t.Errorf("%s, %s: %q, want %q, %v", name, language, got, test.want[i], m.words.Err())
			}
		}
	}
}

// The scope says what was left out: rules, or cases of all of them.
func TestDossierScope(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	all := len(catalogue.Rules)
	for _, test := range []struct {
		scope string
		rules int
		want  string
	}{
		{"full", all, fmt.Sprintf("the whole catalogue of %d rules", all)},
		{"subset", 12, fmt.Sprintf("a selection: 12 of %d rules", all)},
		{"subset", all, "a selection of the test cases"},
	} {
		result := &rules.Result{Run: evidence.Run{Scope: test.scope}, Rules: make([]rules.RuleResult, test.rules)}
		m := &dossierMaker{telling: &telling{result: result, catalogue: catalogue}, words: words.In(words.English)}
		if got := m.scope(); got != test.want {
			t.Errorf("scope %s, %d rules: %q, want %q", test.scope, test.rules, got, test.want)
		}
	}
}
