package reports

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

func TestReadReturnsWhatWasWritten(t *testing.T) {
	t.Parallel()
	dir := sampleRun(t)
	want := sampleResult()
	want.Contradicted = []rules.Contradiction{{Claim: rules.ClaimHTMLText, Expected: "HTML", Seen: "plain text alone", Count: 2, Scenario: want.Scenarios[0].ID}}
	if err := Write(dir, want, loadCatalogue(t), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	got, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-written +read):\n%s", diff)
	}
}

func TestRunJSON(t *testing.T) {
	t.Parallel()
	octets, err := encodeResult(sampleResult())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "run.json", octets)
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	sound, err := encodeResult(sampleResult())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, old, new string
		want           string
	}{
		{"another schema", `"collaudo/run/1"`, `"collaudo/run/9"`, `expected "collaudo/run/1"`},
		{"no schema", `"schema": "collaudo/run/1",`, ``, `its schema is ""`},
		{"no JSON", `{`, ``, "run.json"},
		{"no verdict", `"verdict": "NOT CONFORMANT"`, `"verdict": ""`, "holds no verdict"},
		{"another scope", `"scope": "subset"`, `"scope": "full"`, "altered"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			altered := strings.Replace(string(sound), test.old, test.new, 1)
			if altered == string(sound) {
				t.Fatalf("%q does not occur in run.json", test.old)
			}
			if err := os.WriteFile(filepath.Join(dir, ResultFile), []byte(altered), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Read = %v, want an error with %q", err, test.want)
			}
		})
	}
	if _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is no finished run") {
		t.Errorf("Read of an empty folder = %v", err)
	}
}

func TestWriteMakesEveryFile(t *testing.T) {
	t.Parallel()
	dir := sampleRun(t)
	if err := Write(dir, sampleResult(), loadCatalogue(t), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ResultFile, HTMLFile, JUnitFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{AuthorityFile: "the CA", RevokedFile: "the CRL", DirectoryFile: "dn: o=postacert\n"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != want {
			t.Errorf("%s = %q, %v, want %q", name, got, err, want)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.partial"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWriteFailsAloud(t *testing.T) {
	t.Parallel()
	if err := Write(t.TempDir(), sampleResult(), loadCatalogue(t), WriteOptions{}); err == nil {
		t.Error("Write made a report of a folder without evidence")
	}
	dir := sampleRun(t)
	if err := os.Mkdir(filepath.Join(dir, ResultFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, sampleResult(), loadCatalogue(t), WriteOptions{}); err == nil {
		t.Error("Write said nothing of a result that it could not write")
	}
}

func TestStandings(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	found := byRule(sampleResult())
	for id, want := range map[string]string{
		"PEC-GEN-006": "warn", "PEC-SIG-010": "excluded", "PEC-AP-005": "error", "PEC-AP-012": "fail", "PEC-AP-037": "observed",
		"PEC-TE-001": "pass", "PEC-TE-013": "not exercised", "PEC-LOG-001": "inconclusive", "PEC-TMO-001": "not judged yet",
		"PEC-TE-002": "not asked for",
	} {
		law, _ := catalogue.Rule(id)
		if got := standingOf(law, found[id]).Label; got != want {
			t.Errorf("%s stands %q, want %q", id, got, want)
		}
	}
	counts := tally(sampleResult(), catalogue)
	total := 0
	for _, s := range standings() {
		total += counts[s.Key]
	}
	if total != len(catalogue.Rules) {
		t.Errorf("the standings count %d rules, the catalogue holds %d", total, len(catalogue.Rules))
	}
}

// A verdict always says what to do, even one that does not fit its result.
func TestNextSteps(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	for _, outcome := range []rules.Outcome{
		rules.Conformant, rules.ConformantWithWarnings, rules.NotConformant, rules.Inconclusives, rules.Invalid, rules.Interrupted, "NEW",
	} {
		for _, result := range []*rules.Result{sampleResult(), {Profile: rules.Practice}} {
			result.Verdict = outcome
			if steps := nextSteps(result, catalogue, ""); len(steps) == 0 {
				t.Errorf("%s: nothing to do", outcome)
			}
		}
	}
}

// Advice fits what was run, and its commands can be pasted.
func TestAdviceFitsTheRun(t *testing.T) {
	t.Parallel()
	catalogue := loadCatalogue(t)
	family := func(codes ...string) (ids []string) {
		for _, law := range catalogue.Rules {
			if slices.Contains(codes, law.Family) {
				ids = append(ids, law.ID)
			}
		}
		return ids
	}
	found := func(verdict rules.Verdict, ids ...string) (list []rules.RuleResult) {
		for _, id := range ids {
			list = append(list, rules.RuleResult{ID: id, Verdict: verdict, Judged: true})
		}
		return list
	}
	idle := rules.RuleResult{ID: "PEC-TE-013", Verdict: rules.NotExercised, Judged: true}
	unjudged := rules.RuleResult{ID: "PEC-TMO-001", Verdict: rules.NotExercised}
	run := func(edit func(*evidence.Run)) evidence.Run {
		r := evidence.Run{Scope: "subset", Seed: 1}
		edit(&r)
		return r
	}
	for _, test := range []struct {
		name         string
		result       rules.Result
		want, unwant []string
	}{
		{
			"broken by a fault",
			rules.Result{Verdict: rules.NotConformant, Profile: rules.Strict, Rules: found(rules.Fail, "PEC-TE-003"), Run: run(func(r *evidence.Run) { r.Faults, r.Rules = []string{"envelope-bcc"}, family("TE") })},
			[]string{"the fault that was switched on (envelope-bcc)", "without it: collaudo run --rule TE --profile strict"},
			[]string{"Correct", "--fault"},
		},
		{
			"green beside a fault",
			rules.Result{Verdict: rules.Conformant, Profile: rules.Practice, Run: run(func(r *evidence.Run) { r.Faults, r.Tags = []string{"a", "b"}, "@virus" })},
			[]string{"may break rules outside it", "See all rules: collaudo run --fault a --fault b", `collaudo run --tags "@virus" --fault a --fault b --profile strict`},
			nil,
		},
		{
			"the whole catalogue beside a fault",
			rules.Result{Verdict: rules.Conformant, Profile: rules.Strict, Run: evidence.Run{Scope: "full", Seed: 1, Faults: []string{"a"}}},
			[]string{"No rule that this version judges is broken by the fault"},
			[]string{"outside"},
		},
		{
			"many broken",
			rules.Result{Verdict: rules.NotConformant, Profile: rules.Practice, Rules: found(rules.Fail, append(family("TE")[1:], "PEC-AP-001", "PEC-AP-002")...), Run: evidence.Run{Scope: "full", Seed: 9}},
			[]string{"Correct the", "collaudo run --rule TE --rule AP --seed 9"},
			[]string{"…"},
		},
		{
			"too many broken",
			rules.Result{Verdict: rules.NotConformant, Profile: rules.Practice, Rules: found(rules.Fail, family("TE", "AP", "GEN", "NA", "SIG", "ACC", "DP", "XML")...), Run: evidence.Run{Scope: "full", Seed: 1}},
			[]string{"collaudo run"},
			[]string{"--rule", "…"},
		},
		{
			"broken among tags",
			rules.Result{Verdict: rules.NotConformant, Profile: rules.Practice, Rules: found(rules.Fail, "PEC-TE-003"), Run: run(func(r *evidence.Run) { r.Tags = "@virus and not @heavy" })},
			[]string{`collaudo run --tags "@virus and not @heavy"`},
			[]string{"--rule"},
		},
		{
			"asked for what cannot be judged",
			rules.Result{Verdict: rules.Inconclusives, Profile: rules.Practice, Rules: []rules.RuleResult{unjudged}, Run: run(func(r *evidence.Run) { r.Rules = []string{"PEC-TMO-001"} })},
			[]string{"PEC-TMO-001: this version cannot judge it, no scenario can bring the case about"},
			[]string{"Select"},
		},
		{
			"asked for with tags that do not fit",
			rules.Result{Verdict: rules.Inconclusives, Profile: rules.Practice, Rules: []rules.RuleResult{idle}, Run: run(func(r *evidence.Run) { r.Rules, r.Tags = []string{"PEC-TE-013"}, "@virus" })},
			[]string{"try without them: collaudo run --rule PEC-TE-013"},
			[]string{"--tags"},
		},
		{
			"interrupted: one step, which goes on",
			rules.Result{Verdict: rules.Interrupted, Profile: rules.Practice, Run: run(func(*evidence.Run) {})},
			[]string{"go on where it stopped: collaudo run --resume out/run"},
			[]string{"again"},
		},
		{
			"interrupted, of shards",
			rules.Result{Verdict: rules.Interrupted, Profile: rules.Practice, Run: run(func(r *evidence.Run) { r.Merged = []evidence.Part{{}} })},
			[]string{"run it again: collaudo run"},
			[]string{"--resume"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var lines []string
			for _, s := range nextSteps(&test.result, catalogue, "out/run") {
				lines = append(lines, s.String())
			}
			text := strings.Join(lines, "\n")
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("does not say %q:\n%s", want, text)
				}
			}
			for _, bad := range test.unwant {
				if strings.Contains(text, bad) {
					t.Errorf("says %q:\n%s", bad, text)
				}
			}
		})
	}
}

// What was under way when a run was cut short did not fail.
func TestCutShort(t *testing.T) {
	t.Parallel()
	result := sampleResult()
	result.Verdict, result.Reason = rules.Interrupted, "the run was cut short after 3 of 4 scenarios"
	for i := range result.Rules {
		if r := &result.Rules[i]; r.Verdict == rules.Error {
			r.Checks[0].Seen = rules.CutShort
		}
	}
	result.Scenarios[2].Error = rules.CutShort
	var b bytes.Buffer
	if err := Summary(&b, result, SummaryOptions{Width: 100}); err != nil {
		t.Fatal(err)
	}
	octets, err := renderHTML(result, loadCatalogue(t), &story{}, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"summary": b.String(), "page": string(octets)} {
		if strings.Contains(text, "harness failed") {
			t.Errorf("the %s says that the harness failed", name)
		}
		if !strings.Contains(text, "Under way when the run was cut short") || !strings.Contains(text, "harness-trouble") {
			t.Errorf("the %s does not say what was under way", name)
		}
	}
}
