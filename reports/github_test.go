package reports

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/rules"
)

func TestGitHub(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := GitHubAnnotations(&b, sampleResult(), nil); err != nil {
		t.Fatal(err)
	}
	golden(t, "github.txt", b.Bytes())
	summary, err := GitHubSummary(sampleResult(), "out/run")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "github.md", summary)
}

// hostile is a result in which a target tries to speak to GitHub.
func hostile(rulesBroken int, seen string) *rules.Result {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		panic(err)
	}
	r := &rules.Result{Verdict: rules.NotConformant, Reason: "many", Profile: rules.Practice, Counts: map[rules.Verdict]int{rules.Fail: rulesBroken}}
	r.Run.Target, r.Run.Scope = "pair", "full"
	for _, law := range catalogue.Rules[:rulesBroken] {
		r.Rules = append(r.Rules, rules.RuleResult{ID: law.ID, Verdict: rules.Fail, Judged: true, Checks: []rules.Check{
			{Rule: law.ID, Scenario: "s", By: "judge", Verdict: rules.Fail, Count: 1, Expected: "this", Seen: seen},
		}})
	}
	return r
}

// What a target sent may be a workflow command, markup or a mention: GitHub is
// to show it and nothing else.
func TestGitHubObeysNoTarget(t *testing.T) {
	t.Parallel()
	const seen = "a\r\n::add-mask::x\n::error title=y,file=z::w 100%\n| <script>alert(1)</script> | [l](https://acme.example) @all `x` **b**"
	var b bytes.Buffer
	if err := GitHubAnnotations(&b, hostile(2, seen), nil); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n != 3 {
		t.Errorf("%d lines for a verdict and two rules:\n%s", n, b.String())
	}
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "::error title=") {
			t.Errorf("a line that is no annotation of ours: %q", line)
		}
	}
	if !strings.Contains(b.String(), "w 100%25") {
		t.Errorf("the per cent sign is not escaped:\n%s", b.String())
	}
	summary, err := GitHubSummary(hostile(1, seen), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"<script>", " [l]", "@all", "`x`", "**b**", "\n::"} {
		if strings.Contains(string(summary), raw) {
			t.Errorf("%q stands in the summary as it came:\n%s", raw, summary)
		}
	}
	for line := range strings.Lines(string(summary)) {
		if strings.HasPrefix(line, "| PEC-") && strings.Count(line, "|")-strings.Count(line, `\|`) != 4 {
			t.Errorf("the row has more cells than the table: %s", line)
		}
	}
}

// GitHub drops what is beyond its limits: we count what is left out instead.
func TestGitHubLimits(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := GitHubAnnotations(&b, hostile(300, strings.Repeat("x", 5000)), nil); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "::error "); n != maxAnnotations {
		t.Errorf("%d annotations", n)
	}
	if want := fmt.Sprintf("and %d other rules", 300-maxAnnotations+2); !strings.Contains(b.String(), want) {
		t.Errorf("it does not say %q:\n%s", want, b.String())
	}
	summary, err := GitHubSummary(hostile(300, strings.Repeat("x", 5000)), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(summary) > 1<<20 || !strings.Contains(string(summary), "100 other rules") {
		t.Errorf("a summary of %d bytes", len(summary))
	}
}
