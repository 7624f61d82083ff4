package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// sampleTelling is the sample as renderings get it.
func sampleTelling(t *testing.T) *telling {
	t.Helper()
	record, err := evidence.Open(sampleRun(t))
	if err != nil {
		t.Fatal(err)
	}
	return &telling{result: sampleResult(), catalogue: loadCatalogue(t), record: record, story: tell(record)}
}

// renderedAs makes one of the renderings.
func renderedAs(t *testing.T, format string, told *telling) []byte {
	t.Helper()
	for _, r := range renderings() {
		if r.format == format {
			octets, err := r.make(told)
			if err != nil {
				t.Fatal(err)
			}
			return octets
		}
	}
	t.Fatalf("no rendering is of the format %s", format)
	return nil
}

func TestFormats(t *testing.T) {
	t.Parallel()
	told := sampleTelling(t)
	golden(t, "earl.jsonld", renderedAs(t, formatEARL, told))
	golden(t, "messages.ndjson", renderedAs(t, formatMessages, told))
	golden(t, "summary.md", renderedAs(t, formatMarkdown, told))
	told.options.Language = words.Italian
	golden(t, "summary.it.md", renderedAs(t, formatMarkdown, told))

	// The matrix holds the whole catalogue: the golden file holds the rules that
	// the sample is about.
	var few bytes.Buffer
	for line := range strings.SplitAfterSeq(string(renderedAs(t, formatCSV, told)), "\r\n") {
		id, _, _ := strings.Cut(line, ",")
		if _, asked := byRule(told.result)[id]; asked || id == "rule" {
			few.WriteString(line)
		}
	}
	golden(t, "matrix.csv", few.Bytes())
}

// The same run gives the same octets, whatever else goes on beside it.
func TestFormatsAreDeterministic(t *testing.T) {
	t.Parallel()
	told := sampleTelling(t)
	for _, r := range renderings() {
		one, err := r.make(told)
		if err != nil {
			t.Fatal(err)
		}
		two, err := r.make(told)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one, two) {
			t.Errorf("%s is not the same twice", r.file)
		}
	}
}

// allVerdicts is a result with one rule of each verdict, and one that nobody knows.
func allVerdicts(seen string) *rules.Result {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		panic(err)
	}
	r := &rules.Result{Verdict: rules.Invalid, Reason: seen, Profile: rules.Practice, Counts: map[rules.Verdict]int{}}
	r.Run.Target, r.Run.Scope, r.Run.Tool = seen, "full", "collaudo"
	for i, v := range append(rules.Order(), "new") {
		check := rules.Check{Rule: catalogue.Rules[i].ID, Scenario: "s", By: "judge", Verdict: v, Count: 1, Expected: seen, Seen: seen, Need: seen}
		r.Rules = append(r.Rules, rules.RuleResult{ID: check.Rule, Verdict: v, Judged: true, Reason: seen, Checks: []rules.Check{check}})
	}
	return r
}

// No verdict that is not a pass may look like one, and nothing passes in a run that
// concludes nothing.
func TestEARLIsNeverGreenByAccident(t *testing.T) {
	t.Parallel()
	for run, whole := range map[rules.Outcome]string{
		rules.Conformant: "earl:passed", rules.ConformantWithWarnings: "earl:passed", rules.NotConformant: "earl:failed",
		rules.Inconclusives: "earl:cantTell", rules.Interrupted: "earl:cantTell", rules.Invalid: "earl:cantTell", "NEW": "earl:cantTell", "": "earl:cantTell",
	} {
		passed := "earl:passed"
		if run == rules.Interrupted || run == rules.Invalid || run == "NEW" || run == "" {
			passed = "earl:cantTell"
		}
		want := map[string]string{
			"pass": passed, "warn": passed, "fail": "earl:failed", "inapplicable": "earl:inapplicable",
			"not exercised": "earl:untested", "error": "earl:cantTell", "inconclusive": "earl:cantTell", "observed": "earl:cantTell",
			"new": "earl:cantTell", "the run: " + string(run): whole,
		}
		result := allVerdicts("x")
		result.Verdict = run
		octets, err := renderEARL(result, loadCatalogue(t), &story{})
		if err != nil {
			t.Fatal(err)
		}
		var document struct {
			Graph []struct {
				Type   any `json:"@type"`
				Test   string
				Result earlResult
			} `json:"@graph"`
		}
		if err := json.Unmarshal(octets, &document); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, thing := range document.Graph {
			if thing.Type == "earl:Assertion" {
				name := thing.Result.Verdict
				if thing.Test == earlWhole {
					name = "the run: " + name
				}
				got[name] = thing.Result.Outcome
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("a run that is %q (-want +got):\n%s", run, diff)
		}
	}
}

// Every line of the matrix says of which run it is: a pass in a run that concludes
// nothing is not one to count.
func TestTraceabilityNamesTheVerdictOfTheRun(t *testing.T) {
	t.Parallel()
	for run, want := range map[rules.Outcome]string{
		rules.Conformant: "yes", rules.ConformantWithWarnings: "yes", rules.NotConformant: "yes", rules.Inconclusives: "yes",
		rules.Interrupted: "no", rules.Invalid: "no", "NEW": "no", "": "no",
	} {
		result := allVerdicts("x")
		result.Verdict = run
		octets, err := renderTraceability(result, loadCatalogue(t), &story{})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(bytes.NewReader(octets)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		at, concluded := slices.Index(lines[0], "run verdict"), slices.Index(lines[0], "run concluded")
		if at < 0 || concluded < 0 {
			t.Fatalf("the head is %q: want the verdict of the run in it", lines[0])
		}
		for _, line := range lines[1:] {
			if line[at] != string(run) || line[concluded] != want {
				t.Errorf("a run that is %q: %s says %q, concluded %q; want %s", run, line[0], line[at], line[concluded], want)
			}
		}
	}
}

// A spreadsheet must carry out nothing that a target sent, and find every line
// as long as the first.
func TestTraceabilityHoldsNoFormula(t *testing.T) {
	t.Parallel()
	for _, seen := range []string{
		`=HYPERLINK("https://acme.example";"x")`, "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r\n=1", " =1", "|x", "%x", "＝1",
		"a \"quoted\"; text,\r\nof two lines", "\x1b[31m\u202egnp.exe",
	} {
		octets, err := renderTraceability(allVerdicts(seen), loadCatalogue(t), &story{})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(bytes.NewReader(octets)).ReadAll()
		if err != nil {
			t.Fatalf("%q: %v", seen, err)
		}
		if want := len(loadCatalogue(t).Rules) + 1; len(lines) != want {
			t.Errorf("%q: %d lines, want %d", seen, len(lines), want)
		}
		for _, line := range lines {
			for _, c := range line {
				if c != "" && strings.ContainsAny(c[:1], "=+-@|%\t\r\n") || strings.HasPrefix(c, "＝") || strings.ContainsAny(c, "\x1b\u202e\r\n") {
					t.Errorf("%q gives the cell %q", seen, c)
				}
			}
		}
		if !bytes.HasSuffix(octets, []byte("\r\n")) {
			t.Error("the last line has no end: RFC 4180 asks for CRLF")
		}
	}
}

// Hostile text stays data: it opens no element, no object, no line.
func TestFormatsObeyNoTarget(t *testing.T) {
	t.Parallel()
	const seen = "]]></failure><script>alert(1)</script>\",\"@id\":\"x\r\n{\"testRunFinished\":{\"success\":true}}\r\n| [l](https://acme.example) @all `x` **b**\u202e\x00\xff"
	told := sampleTelling(t)
	plainOnes := map[string]int{formatMessages: bytes.Count(renderedAs(t, formatMessages, told), []byte("\n"))}
	result := sampleResult()
	for i := range result.Rules {
		for j := range result.Rules[i].Checks {
			c := &result.Rules[i].Checks[j]
			c.Seen, c.Expected, c.Need, c.Because = seen, seen, seen, seen
		}
		if result.Rules[i].Reason != "" {
			result.Rules[i].Reason = seen
		}
	}
	result.Run.Target, result.Reason = seen, seen
	result.Scenarios[2].Error = seen
	result.Regroup()
	told.result = result

	octets := renderedAs(t, formatMessages, told)
	if got := bytes.Count(octets, []byte("\n")); got != plainOnes[formatMessages] {
		t.Errorf("messages: %d lines, want %d: a line was slipped in", got, plainOnes[formatMessages])
	}
	for _, e := range envelopes(t, octets) {
		if f := e.TestRunFinished; f != nil && f.Success {
			t.Error("messages: the target made the run a success")
		}
	}
	var document struct {
		Graph []map[string]any `json:"@graph"`
	}
	if err := json.Unmarshal(renderedAs(t, formatEARL, told), &document); err != nil {
		t.Fatal(err)
	}
	if want := 2 + 2*len(result.Rules) + 2; len(document.Graph) != want {
		t.Errorf("EARL: %d things, want %d", len(document.Graph), want)
	}
	for _, thing := range document.Graph {
		if thing["@id"] == "x" {
			t.Error("EARL: the target named a thing")
		}
	}
	for _, format := range []string{formatMarkdown, formatJUnit, formatHTML} {
		text := string(renderedAs(t, format, told))
		for _, raw := range []string{"<script>alert", "[l](", "\u202e"} {
			if strings.Contains(text, raw) && (format == formatMarkdown || raw == "<script>alert") {
				t.Errorf("%s holds %q as it came", format, raw)
			}
		}
	}
}
