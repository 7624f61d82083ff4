//go:build twin

package conformance

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// TestTwin compares a run of the built-in pair (BUILT_IN, a run folder) with one
// of the same pair as a real system is seen (OPAQUE): test/twin/run makes both.
func TestTwin(t *testing.T) {
	whole, view := os.Getenv("BUILT_IN"), os.Getenv("OPAQUE")
	if whole == "" || view == "" {
		t.Fatal("BUILT_IN and OPAQUE name the folders of the two runs: see test/twin/run")
	}
	c, err := CompareViews(whole, view)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range c.Differ {
		t.Error(d)
	}
	fmt.Printf("%d rules with the same verdict, %d inconclusive for want of something, %d scenarios not played, %d differences.\n",
		len(c.Same), len(c.Blind), len(c.Unseen), len(c.Differ))
	tell("Rules that this view leaves inconclusive", c.Blind)
	tell("Scenarios that this view does not play", c.Unseen)
	result, err := reports.Read(view)
	if err != nil {
		t.Fatal(err)
	}
	// What a view lacks is never a pass: a run that leaves something out says so.
	if len(c.Blind) > 0 && result.Verdict != rules.Inconclusives {
		t.Errorf("the verdict of the opaque run is %s: %s was expected", result.Verdict, rules.Inconclusives)
	}
	if len(c.Same) < leastSame {
		t.Errorf("only %d rules have the same verdict in both views: %d were expected at least", len(c.Same), leastSame)
	}
}

// leastSame keeps the view from growing blind unnoticed: it is how many rules it
// judged like the whole when it was last widened.
const leastSame = 300

// tell lists by reason.
func tell(title string, by map[string]string) {
	reasons := map[string][]string{}
	for name, why := range by {
		reasons[why] = append(reasons[why], name)
	}
	fmt.Printf("\n%s:\n", title)
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		slices.Sort(reasons[why])
		fmt.Printf("  %s (%d): %v\n", why, len(reasons[why]), reasons[why])
	}
}
