package conformance

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// Of the ways in fail_open_test.go those by which less than a whole run passes for
// one.

// 12: a run that could not start was reported with "failed tests: 0".
func TestMuseum12ARunThatCannotStartLeavesNoReport(t *testing.T) {
	t.Parallel()
	_, target := realEndpoint(t)
	target.Mailboxes[1].Password = "wrong"
	o := Options{Target: target, Tags: "@id:complete-transaction", Now: time.Now, Out: filepath.Join(t.TempDir(), "run"), Version: "test"}
	report, err := tryKeyed(t.Context(), o)
	if report != nil || ExitCodeOf(err) != ExitUnreachable {
		t.Errorf("report %v, error %v; want none, and exit code %d", report, err, ExitUnreachable)
	}
	for _, name := range []string{reports.ResultFile, reports.JUnitFile, reports.HTMLFile} {
		if _, err := os.Stat(filepath.Join(o.Out, name)); err == nil {
			t.Errorf("it left a %s", name)
		}
	}
}

// 13: results were accepted that were not of the full suite.
func TestMuseum13OnlyAWholeRunIsCalledFull(t *testing.T) {
	t.Parallel()
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		rules []string
		tags  string
		shard Shard
		want  string
	}{
		"everything":                    {want: "full"},
		"a rule":                        {rules: []string{"PEC-AP-005"}, want: "subset"},
		"tags that leave something out": {tags: "@core", want: "subset"},
		"tags that leave nothing out":   {tags: "@topic or not @topic", want: "subset"},
		"a shard":                       {shard: Shard{1, 2}, want: "shard"},
		"a shard of one":                {shard: Shard{1, 1}, want: "shard"},
		"a shard of a rule":             {rules: []string{"PEC-AP-005"}, shard: Shard{1, 1}, want: "shard"},
	} {
		chosen, err := choose(sample(t), catalogue, row.rules, row.tags)
		if err == nil {
			chosen, err = chosen.shard(row.shard)
		}
		if err != nil || chosen.Scope != row.want {
			t.Errorf("%s: scope %q, error %v; want %q", name, chosen.Scope, err, row.want)
		}
	}
}

// 17: one of the parallel streams whose runner did not start was left out.
func TestMuseum17AWorldThatDoesNotOpenIsTrouble(t *testing.T) {
	t.Parallel()
	broken := prepared(t, "@id:mixed-recipients")
	broken.shared = setting{} // a world cannot be made of nothing
	if err := broken.record(t.Context()); err != nil {
		t.Fatal(err)
	}
	result, err := Judge(broken.options.Out, "")
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != rules.Invalid || len(result.Scenarios) != 1 || !strings.Contains(result.Scenarios[0].Error, "panicked") {
		t.Errorf("%s (%s), scenarios %+v; want INVALID, and the scenario with what went wrong", result.Verdict, result.Reason, result.Scenarios)
	}
	first := fakeShard(t, filepath.Join(t.TempDir(), "first"), time.Now(), true, nil)
	if _, err := mergeInto(t, first); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "missing: shard 2/2") {
		t.Errorf("a whole of which a shard is missing: %v; want it named", err)
	}
}
