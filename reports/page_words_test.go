package reports

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// wordsFile reads words.yaml as it stands, without the package that serves it.
func wordsFile(t *testing.T) map[string]map[string]string {
	t.Helper()
	octets, err := os.ReadFile(filepath.Join("words", "words.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	if err := yaml.Unmarshal(octets, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// besideSample is a comparison and a gate for the sample: each with everything
// that the page can show of it, and with what a hostile file could hold.
func besideSample() (*Comparison, *Gate) {
	ref := CheckRef{Check: sampleResult().Rules[3].Checks[0].ID(), Scenario: "hidden-recipient"}
	c := &Comparison{
		Before: Compared{Dir: "out/<b>last</b>", Verdict: rules.Conformant}, After: Compared{Dir: "out/run", Verdict: rules.NotConformant},
		GotWorse: true, Counts: map[Change]int{Worse: 1, Gone: 1}, Same: 7,
		Differ: []Circumstance{{What: "version", Before: "0.1", After: ""}},
		Rules: []RuleChange{
			{Rule: "PEC-AP-012", Change: Worse, GotWorse: true, Before: rules.Pass, After: rules.Fail, Checks: slices.Repeat([]CheckChange{{
				CheckRef: ref, Change: Worse, Before: &CheckSide{Verdict: rules.Pass}, After: &CheckSide{Verdict: rules.Fail, Seen: "<i>accepted</i>"},
			}}, maxCompared+2)},
			{Rule: "PEC-TE-013", Change: Gone, Before: rules.Pass, ReasonAfter: "no selected scenario brings the case about"},
		},
		Scenarios: []ScenarioChange{{Scenario: "harness-trouble", Before: ScenarioState{Key: "played"}, After: ScenarioState{Key: "not-selected"}}},
	}
	g := &Gate{
		Baseline: "known.yaml", Day: "2026-03-02", Standing: GateNotEnough, Code: 1, Reason: "an error of the harness is never covered",
		Entries: []KnownFailure{{CheckRef: ref, Owner: "Ada", Reason: "the <u>gateway</u> is replaced in May", Issue: "https://issues.example/7", Expires: "2026-05-31", Standing: KnownFails, Fails: true}},
		Unknown: []CheckRef{{Check: "PEC-AP-005/harness", Scenario: "harness-trouble"}},
	}
	return c, g
}

func pageIn(t *testing.T, language words.Language) string {
	t.Helper()
	record, err := evidence.Open(sampleRun(t))
	if err != nil {
		t.Fatal(err)
	}
	compared, gate := besideSample()
	octets, err := renderHTML(sampleResult(), loadCatalogue(t), tell(record), WriteOptions{Language: language, Compared: compared, Gate: gate})
	if err != nil {
		t.Fatal(err)
	}
	return string(octets)
}

// The Italian page is Italian: what stays English is what was recorded so.
func TestPageInItalian(t *testing.T) {
	t.Parallel()
	page := pageIn(t, words.Italian)
	for _, want := range []string{
		`<html lang="it">`, "<h1>NON CONFORME</h1>", "1 regola violata.", "Che cosa fare ora", "Correggere la regola violata PEC-AP-012",
		`<p class="other" lang="en">`, `<dd class="seen" lang="en">`, "2 marzo 2026, 12:00:00 CET (11:00:00 UTC)", "giudicata", "Flusso dei messaggi; da Anna a Aurora PEC S.p.A.: invio",
		"altre 407 regole del catalogo non erano richieste", "avvenuta consegna", "scorrere di lato",
		"In confronto con", "violata, come è noto",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for key, text := range wordsFile(t) {
		own := strings.HasPrefix(key, "page.") || strings.HasPrefix(key, "next.") || strings.HasPrefix(key, "flow.") || strings.HasPrefix(key, "problems.")
		if own && text["en"] != text["it"] && strings.Count(text["en"], " ") > 2 && !strings.Contains(text["en"], "%") && strings.Contains(page, text["en"]) {
			t.Errorf("the Italian page says %s in English: %q", key, text["en"])
		}
	}
}

// A text that words.yaml has not is no page.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	all := wordsFile(t)
	for _, language := range words.Languages() {
		if found := regexp.MustCompile(`![a-z]+\.[a-z.-]+!`).FindString(pageIn(t, language)); found != "" {
			t.Errorf("the page in %s has no text for %s", language, found)
		}
	}
	used := regexp.MustCompile(`(?:\.Text\(|\.Count\([^"()]*(?:\([^()]*\))?[^"()]*, |\.do\([^"]*(?:"[^"]*"[^"]*)?, |[{( ](?:t|markup|count) |oneOrMany\()"([a-z]+\.[a-z.-]+[a-z])"`)
	var files []string
	for _, pattern := range []string{"*.go", "template/*.html"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	keys := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		octets, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(octets), -1) {
			keys++
			if all[m[1]] == nil {
				t.Errorf("%s asks for the text %q, which words.yaml has not", file, m[1])
			}
		}
	}
	if keys < 200 {
		t.Errorf("only %d texts are asked for: the search is blind", keys)
	}
	for _, s := range standings() {
		if all["standing."+s.Key] == nil {
			t.Errorf("no label for %s", s.Key)
		}
	}
	for _, a := range Accounts() {
		if w := english(); a.in(w) == "" || w.Err() != nil {
			t.Errorf("%s: %v", a, w.Err())
		}
	}
}

// What is beside the run is on the first screen in a line, and below in full.
func TestPageBesideAnotherRun(t *testing.T) {
	t.Parallel()
	page := pageIn(t, words.English)
	for _, want := range []string{
		"<strong>Compared with out/&lt;b&gt;last&lt;/b&gt;:</strong> Something got worse.", `<section id="compared">`, "CONFORMANT → NOT CONFORMANT",
		"&lt;i&gt;accepted&lt;/i&gt;", "and 2 more checks", "No selected scenario brings the case about.", "not selected",
		`<section id="known">`, "The baseline does not cover this run.", "the &lt;u&gt;gateway&lt;/u&gt; is replaced in May", "fails, as it is known to",
		`<a href="#known">Ada</a>`, `<span class="mark">known failure</span>`, "Failures that nobody knows of",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, bad := range []string{`href="https:`, "<b>last", "<i>accepted", "<u>gateway"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	octets, err := renderHTML(sampleResult(), loadCatalogue(t), &story{}, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`id="compared"`, `id="known"`, `class="gate`, "known failure"} {
		if strings.Contains(string(octets), bad) {
			t.Errorf("the page of a run with nothing beside it holds %q", bad)
		}
	}
}

func TestIDsOfRulesInFamilies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ids  []string
		want string
	}{
		{nil, ""},
		{[]string{"PEC-GEN-002", "PEC-AP-005", "PEC-AP-001"}, "PEC-AP-001 005; PEC-GEN-002"},
		{[]string{"odd"}, "odd"},
	} {
		if got := inFamilies(test.ids); got != test.want {
			t.Errorf("%v: %q, want %q", test.ids, got, test.want)
		}
	}
}

// A text may hold markup of ours; what is filled in is text.
func TestMarkupEscapesItsValues(t *testing.T) {
	t.Parallel()
	got := string(markupOf(english(), "page.waiting-how", "<script>", "out & run"))
	if strings.Contains(got, "<script>") || !strings.Contains(got, "<code>&lt;script&gt;</code>") || !strings.Contains(got, "out &amp; run --wait") {
		t.Errorf("filled in as markup: %s", got)
	}
}
