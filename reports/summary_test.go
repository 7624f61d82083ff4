package reports

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/collaudo/collaudo/rules"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Summary(&b, sampleResult(), SummaryOptions{Took: 12300 * time.Millisecond, Width: 100}); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.txt", b.Bytes())
}

func TestSummaryFitsItsWidth(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 80, 132} {
		var b bytes.Buffer
		if err := Summary(&b, sampleResult(), SummaryOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimRight(line, "\n")
			if n := utf8.RuneCountInString(line); n > width && strings.Contains(strings.TrimSpace(line), " ") && width > 60 {
				t.Errorf("width %d: a line of %d: %q", width, n, line)
			}
		}
	}
}

// What a target wrote must not steer the terminal, and colour comes only when
// it is asked for.
func TestSummaryControlsTheTerminal(t *testing.T) {
	t.Parallel()
	var plain, coloured bytes.Buffer
	if err := Summary(&plain, sampleResult(), SummaryOptions{}); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(plain.String(), func(r rune) bool { return r < ' ' && r != '\n' }); i >= 0 {
		t.Errorf("a control character at %d: %q", i, plain.String()[max(0, i-20):i+10])
	}
	if err := Summary(&coloured, sampleResult(), SummaryOptions{Colour: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(coloured.String(), "\x1b[1;31mNOT CONFORMANT\x1b[0m") || strings.Contains(coloured.String(), "\x1b[31maccepted") {
		t.Errorf("colours: %q", coloured.String())
	}
}

func TestSummaryNamesTheFiles(t *testing.T) {
	t.Parallel()
	dir := sampleRun(t)
	var b bytes.Buffer
	if err := Summary(&b, sampleResult(), SummaryOptions{Dir: dir, Width: 200}); err != nil {
		t.Fatal(err)
	}
	if want := "Report:   " + dir + "/report.html"; !strings.Contains(b.String(), want) {
		t.Errorf("no line %q in:\n%s", want, b.String())
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestSummarySaysThatItCouldNotBePrinted(t *testing.T) {
	t.Parallel()
	if err := Summary(brokenPipe{}, sampleResult(), SummaryOptions{}); err == nil {
		t.Error("a summary that nobody could read counts as printed")
	}
}

func TestSummaryBoundsWhatItTells(t *testing.T) {
	t.Parallel()
	result := sampleResult()
	for _, law := range loadCatalogue(t).Rules[:40] {
		result.Rules = append(result.Rules, rules.RuleResult{ID: law.ID, Verdict: rules.Fail, Checks: []rules.Check{{Rule: law.ID, Verdict: rules.Fail, Seen: strings.Repeat("x ", 2000)}}})
	}
	var b bytes.Buffer
	if err := Summary(&b, result, SummaryOptions{Width: 100}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > 200 {
		t.Errorf("%d lines for 41 broken rules", n)
	}
	if !strings.Contains(b.String(), "other rules, see the report") {
		t.Error("does not say that there are more")
	}
}
