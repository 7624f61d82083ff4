package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/steps"
)

// What a run says of where it goes is true: only of the built-in pair does the
// harness know everything.
func TestWhereTo(t *testing.T) {
	t.Parallel()
	target := func(address string) *steps.Target {
		return &steps.Target{Kind: steps.KindProvider, Providers: []steps.Provider{{Name: "Acme", IMAP: address}}}
	}
	for _, test := range []struct {
		name    string
		options conformance.Options
		want    string
	}{
		{"the built-in pair", conformance.Options{}, "Everything stays on this machine."},
		{"a target here", conformance.Options{Target: target("127.0.0.1:993")}, "The harness connects to this machine only; where the target sends to is its own affair."},
		{"a target elsewhere", conformance.Options{Target: target("imap.acme.example:993")}, "It goes to imap.acme.example:993."},
		{"a client", conformance.Options{Client: &steps.Client{}}, "The mailbox is on this machine; where the client connects to besides is its own affair."},
	} {
		if got := whereTo(&test.options); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestTellPlan(t *testing.T) {
	t.Parallel()
	plan := &conformance.Plan{Scope: "full", Addresses: []string{"imap.acme.example:993"}, Scenarios: []conformance.Planned{
		{ID: "plain", Rules: []string{"A", "B"}},
		{ID: "late", Rules: []string{"B"}, Waits: 11*time.Hour + 30*time.Minute},
		{ID: "later", Rules: []string{"B"}, Waits: 24 * time.Hour},
		{ID: "inside", Rules: []string{"B", "C"}, Lacking: []string{"white box: log"}, Waits: 24 * time.Hour},
	}}
	var b bytes.Buffer
	tellPlan(&b, plan, "the target Acme")
	want := `A run against the target Acme, scope full, would play 3 of 4 scenarios. Nothing was sent.
It would go to imap.acme.example:993.
The scenarios decide 3 rules by name. For want of what the target does not give, 2 of them would stay
inconclusive.

Of the scenarios that would be played, 2 wait for legal time to pass in real time: the target's clock cannot
be moved. The run may end meanwhile: it says when to come back with run --resume DIR. With run --wait it
stays.
   12 h  late
   24 h  later

Not played, by what the target does not give:
  a white box that hands over the provider's log (1 scenario)
    inside
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// However many there are, no line is wider than the terminal.
func TestPlanAndCheckFitTheTerminal(t *testing.T) {
	t.Parallel()
	plan := &conformance.Plan{Scope: "full"}
	check := &conformance.Check{
		Claims: strings.Split(strings.Repeat("secondary-environments ", 12), " "), Played: 3, Waits: 1, Left: []conformance.LeftOut{{Need: "white box: clock"}},
		Looks: []steps.Look{
			{What: "incoming point of Cirro PEC S.r.l., which the harness plays", Address: "127.0.0.1:8525", Found: "can listen"},
			{What: "submission with STARTTLS of Aurora PEC S.p.A.", Address: "submission.aurora.example:587", Found: "answers, TLS 1.3, certificate until 2030-11-22 (12 days left)"},
			{What: "sign in to anna@aurora.example by IMAP", Address: "imap.aurora.example:993", Trouble: errors.New("refused")},
		},
		Trips: []conformance.Trip{{Name: "a message to a provider that the harness plays, and its receipts", Lacking: []string{"role peer: Paolo", "white box: clock", "permit hostile"}}},
	}
	for i := range 60 {
		id := fmt.Sprintf("a-scenario-with-a-long-name-%d", i)
		plan.Scenarios = append(plan.Scenarios, conformance.Planned{ID: id, Lacking: []string{"white box: clock"}}, conformance.Planned{ID: id, Waits: time.Hour})
		check.Left[0].Scenarios = append(check.Left[0].Scenarios, id)
	}
	var b bytes.Buffer
	tellPlan(&b, plan, "the target Acme")
	tellCheck(&b, screen{}, "Acme", check)
	if strings.Contains(b.String(), "would play 3 of 63") {
		t.Error("what a run would play hides what has to be mended first")
	}
	check.Looks[2].Trouble, check.Looks[2].Found = nil, "signed in"
	tellCheck(&b, screen{}, "Acme", check)
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimRight(line, "\n"); utf8.RuneCountInString(line) > terminalWidth {
			t.Errorf("a line of %d: %s", utf8.RuneCountInString(line), line)
		}
	}
	for _, want := range []string{
		"ok      incoming point of Cirro PEC S.r.l. ", "the harness plays it and can listen", "FAILED  sign in to anna@aurora.example by IMAP  imap.aurora.example:993: see the end", "Mend these first",
		"not tried  a message", "would play 3 of 63 scenarios", "1 waits for legal time", "a-scenario-with-a-long-name-2 and 57 more",
	} {
		if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("does not say %q:\n%s", want, b.String())
		}
	}
}

// Whoever asks for one rule and sees sixteen scenarios played is told why.
func TestWhyThese(t *testing.T) {
	t.Parallel()
	own, other := conformance.Scenario{Rules: []string{"PEC-AP-005"}}, conformance.Scenario{}
	for name, test := range map[string]struct {
		chosen conformance.Selection
		want   string
	}{
		"everything": {conformance.Selection{Scenarios: []conformance.Scenario{own, other}}, ""},
		"one rule, one scenario": {
			conformance.Selection{Rules: []string{"PEC-AP-005"}, Scenarios: []conformance.Scenario{own}},
			"What the scenario shows of other rules is left out: only the rule asked for is judged.",
		},
		"rules with scenarios": {
			conformance.Selection{Rules: []string{"PEC-AP-005", "PEC-AP-006"}, Scenarios: []conformance.Scenario{own, own}},
			"What the scenarios show of other rules is left out: only the rules asked for are judged.",
		},
		"a rule of every message": {
			conformance.Selection{Rules: []string{"PEC-ACC-003"}, Common: []string{"PEC-ACC-003"}, Scenarios: []conformance.Scenario{other, other}},
			"PEC-ACC-003 is looked for in every message: 2 scenarios are played for it, to see each kind of message; only the rule asked for is judged.",
		},
		"several, beside one that has its own": {
			conformance.Selection{Rules: []string{"PEC-ACC-003", "PEC-ACC-004", "PEC-AP-005"}, Common: []string{"PEC-ACC-003", "PEC-ACC-004"}, Scenarios: []conformance.Scenario{own, other}},
			"2 of the rules are looked for in every message: 1 scenario is played for them, to see each kind of message; only the rules asked for are judged.",
		},
	} {
		if got := whyThese(test.chosen); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
