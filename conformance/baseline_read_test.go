package conformance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

func writeBaseline(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "known.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const goodBaseline = `version: 1
profile: practice
failures:
  - check: PEC-AP-012/refused
    scenarios: [hidden-recipient, no-from]
    seen: "0123456789ab"
    owner: mail team
    reason: mended in 4.2
    issue: https://tracker.example/7
    expires: 2026-12-31
`

func TestReadBaseline(t *testing.T) {
	t.Parallel()
	b, err := ReadBaseline(writeBaseline(t, goodBaseline))
	if err != nil {
		t.Fatal(err)
	}
	want := []baselineEntry{{line: 4, check: "PEC-AP-012/refused", scenarios: []string{"hidden-recipient", "no-from"}, seen: []string{"0123456789ab"}, owner: "mail team", reason: "mended in 4.2", issue: "https://tracker.example/7", expires: "2026-12-31"}}
	if diff := cmp.Diff(want, b.entries, cmp.AllowUnexported(baselineEntry{})); diff != "" || b.Profile != rules.Practice {
		t.Errorf("profile %s, entries (-want +got):\n%s", b.Profile, diff)
	}
	if err := b.fits(rules.Strict, evening); !errors.Is(err, ErrUsage) {
		t.Errorf("for another profile: %v, want one of usage", err)
	}
	// A year ahead at most: the last instant of 30 December 2025 in Italy, and a day earlier.
	for at, want := range map[time.Time]bool{evening.AddDate(0, 0, -366): true, evening.AddDate(0, 0, -367): false} {
		err := b.fits(rules.Practice, at)
		if (err == nil) != want || err != nil && (!errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "line 4: the entry covers until 2026-12-31")) {
			t.Errorf("on %s: %v, want that it fits: %v", at, err, want)
		}
	}
	for name, test := range map[string]struct{ old, new, want string }{
		"a typo in a key":       {"    owner:", "    ownr:", `line 7: an entry has no key "ownr": did you mean owner?`},
		"no owner":              {"    owner: mail team\n", "", "line 4: the entry has no owner"},
		"an empty reason":       {"mended in 4.2", `""`, "line 8: reason is empty"},
		"no expiry":             {"    expires: 2026-12-31\n", "", "line 4: the entry has no expires"},
		"no day":                {"2026-12-31", "2026-02-30", `line 10: expires: "2026-02-30" is no day`},
		"an unknown rule":       {"PEC-AP-012/", "PEC-AP-0112/", "line 4: check: no rule is called"},
		"no judge":              {"PEC-AP-012/refused", "PEC-AP-012", "line 4: check: behind the rule and a / stands"},
		"another judge":         {"PEC-AP-012/refused", "PEC-AP-012/harness", "expected judge, or what an expectation"},
		"a place":               {"PEC-AP-012/refused", "PEC-AP-012/e1", `stands "e1"`},
		"a first of its like":   {"PEC-AP-012/refused", "PEC-AP-012/refused.1", `stands "refused.1"`},
		"a typo in a judge":     {"PEC-AP-012/refused", "PEC-AP-012/refusd", "did you mean refused?"},
		"an unknown scenario":   {"hidden-recipient", "hiden-recipient", `line 5: scenarios: no scenario is called "hiden-recipient": did you mean hidden-recipient`},
		"no scenario":           {"[hidden-recipient, no-from]", "[]", "line 5: scenarios is empty"},
		"a scenario twice":      {"no-from", "hidden-recipient", "line 4: PEC-AP-012/refused in hidden-recipient stands in line 4 already"},
		"not seen":              {"    seen: \"0123456789ab\"\n", "", "line 4: the entry has no seen"},
		"seen as nothing":       {`"0123456789ab"`, "[]", "line 6: seen is empty"},
		"seen as anything":      {`"0123456789ab"`, `"*"`, `line 6: seen: "*" is not how a failure is named`},
		"a second document":     {"expires: 2026-12-31\n", "expires: 2026-12-31\n---\n", "line 11: a second document"},
		"another list below":    {"expires: 2026-12-31\n", "expires: 2026-12-31\n---\n" + goodBaseline, "line 11: a second document"},
		"a spoilt end":          {"expires: 2026-12-31\n", "expires: 2026-12-31\n---\n[", "does not read as YAML"},
		"an issue that is none": {"https://tracker.example/7", "later", `line 9: issue: "later" is no link`},
		"another version":       {"version: 1", "version: 2", "expected version: 1"},
		"an unknown profile":    {"practice", "lenient", `line 2: the profile is "lenient"`},
		"no list":               {"failures:\n", "failures: all\nrest:\n", "line 3: failures: expected a list"},
		"a key twice":           {"version: 1", "version: 1\nversion: 1", "the key version stands here for the second time"},
		"an anchor":             {"mail team", "&a mail team", "anchors and aliases are not for baselines"},
		"an empty file":         {goodBaseline, "", "it is empty"},
		"no YAML":               {"version: 1", "version: [", "does not read as YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(goodBaseline, test.old, test.new, 1)
			_, err := ReadBaseline(writeBaseline(t, text))
			if !errors.Is(err, ErrUsage) || !strings.Contains(fmt.Sprint(err), test.want) {
				t.Errorf("%v\nwant one of usage that says %q", err, test.want)
			}
		})
	}
	if _, err := ReadBaseline(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, ErrUsage) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := ReadBaseline(writeBaseline(t, strings.Repeat("#\n", maxBaseline))); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "larger") {
		t.Errorf("a file that is too large: %v", err)
	}
}

// What a run fails in is a baseline to begin with: refused as it is, and complete
// once somebody answers for it.
func TestNewBaseline(t *testing.T) {
	t.Parallel()
	result := judgedAs(t, "PEC-AP-005/judge no-from fail", "PEC-AP-005/judge no-to fail", "PEC-AP-012/refused.2 hidden-recipient fail", "PEC-AP-012/judge no-from pass")
	hostile := "x\n  - check: PEC-AP-006/judge\r\u2028\u0085\u202eowner: nobody\x00"
	result.Rules[0].Checks[0].Seen, result.Rules[0].Checks[0].Expected = hostile, hostile
	text := string(NewBaseline(result, mustCatalogue(t)))
	_, err := ReadBaseline(writeBaseline(t, text))
	if err == nil || !strings.Contains(err.Error(), "owner is empty") || strings.Contains(err.Error(), "YAML") {
		t.Errorf("as it is written: %v, want that the owner is empty", err)
	}
	text = strings.NewReplacer(`owner: ""`, "owner: mail team", `reason: ""`, "reason: known", `expires: ""`, "expires: 2026-12-31").Replace(text)
	b, err := ReadBaseline(writeBaseline(t, text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if g := b.Gate(result, mustCatalogue(t), evening); g.Standing != reports.GateCovered || len(g.Entries) != 3 {
		t.Errorf("%s (%s) with %d entries, want every failure covered by 3", g.Standing, g.Reason, len(g.Entries))
	}
	clean := writeBaseline(t, string(NewBaseline(judgedAs(t, "PEC-AP-005/judge no-from pass"), mustCatalogue(t))))
	if b, err := ReadBaseline(clean); err != nil || len(b.entries) != 0 {
		t.Errorf("of a run without failures: %v, %v", b, err)
	}
}
