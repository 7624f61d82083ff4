package rules

import (
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// played is a scenario with the standard world in which these things happened.
func (c *testCase) played(end *evidence.End, happened func()) *evidence.Case {
	c.events = nil
	c.add(evidence.Event{Type: evidence.ScenarioStarted, Start: &evidence.Start{ID: "s", Rules: []string{"PEC-ACC-001"}}})
	c.add(evidence.Event{Type: evidence.WorldSeen, World: &c.World})
	happened()
	if end != nil {
		c.add(evidence.Event{Type: evidence.ScenarioEnded, End: end})
	}
	return evidence.NewCase(slices.Clone(c.events), c.blobs)
}

func (c *testCase) directoryRead() {
	c.add(evidence.Event{Type: evidence.TrustSeen, Trust: &evidence.Trust{
		Instant:   acceptedAt,
		Authority: c.blobs.keep(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Authority.Raw})),
		Revoked:   c.blobs.keep(c.CRL), Directory: c.blobs.keep([]byte(c.LDIF)),
	}})
}

// expectation is one that the standard exchange meets.
func (c *testCase) expectation() {
	c.add(evidence.Event{Type: evidence.Expected, Expectation: &evidence.Expectation{ID: "e1", Check: "mailbox-empty", Parameters: map[string]string{"mailbox": "dario@borea.example"}}})
}

// TestMessagesOfEarlierAttemptsAreJudged lets the last attempt be as it must be,
// and looks at what is held against those that were given up, and against what
// was seen before a scenario turned out to lack something.
func TestMessagesOfEarlierAttemptsAreJudged(t *testing.T) {
	t.Parallel()
	damaged := func(t *testing.T) []byte { // the signature no longer fits
		return []byte(strings.Replace(string(correct("acceptance").sealed(t)), "accettato dal sistema", "accettato dal Sistema", 1))
	}
	type of = func(t *testing.T, c *testCase)
	done := &evidence.End{Completed: true}
	tests := []struct {
		name    string
		earlier of // nil: there was none
		last    of // nil: the standard exchange
		end     *evidence.End
		want    []string // failures: rule, message, attempt
	}{
		{name: "one attempt, and all is well", end: done},
		{
			name: "a broken signature, and then all is well", end: done,
			earlier: func(t *testing.T, c *testCase) { c.submitted(originalText); c.received(anna, damaged(t)) },
			want:    []string{"PEC-SIG-002 m1 1"},
		},
		{
			name: "nothing came back in time, expectations included", end: done,
			earlier: func(_ *testing.T, c *testCase) {
				c.submitted(originalText)
				c.put(correct("acceptance"))
				c.add(evidence.Event{Type: evidence.Expected, Expectation: &evidence.Expectation{ID: "e1", Check: "mailbox-empty", Parameters: map[string]string{"mailbox": anna}}})
			},
		},
		{
			name: "signed by somebody who came into the directory after it was read last", end: done,
			earlier: func(_ *testing.T, c *testCase) {
				whole := c.LDIF
				c.LDIF = strings.Split(whole, "\ndn: providerName="+aurora)[0]
				c.directoryRead()
				c.LDIF = whole
				c.submitted(originalText)
				c.put(correct("acceptance"))
			},
		},
		{
			name: "signed by somebody who is not in the directory", end: done,
			earlier: func(_ *testing.T, c *testCase) {
				whole := c.LDIF
				c.submitted(originalText)
				c.put(correct("acceptance"))
				c.LDIF = strings.Split(whole, "\ndn: providerName="+aurora)[0]
				c.directoryRead()
				c.LDIF = whole
			},
			want: []string{"PEC-SIG-004 m1 1"},
		},
		{
			name: "it lacks something halfway", end: &evidence.End{Lacking: []string{"white box: clock"}},
			last: func(t *testing.T, c *testCase) { c.submitted(originalText); c.received(anna, damaged(t)) },
			want: []string{"PEC-SIG-002 m1 0"},
		},
		{
			name: "it lacks something, and began twice", end: &evidence.End{Lacking: []string{"white box: clock"}},
			earlier: func(t *testing.T, c *testCase) { c.submitted(originalText); c.received(anna, damaged(t)) },
			last:    func(*testing.T, *testCase) {},
			want:    []string{"PEC-SIG-002 m1 1"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			var earlier []*evidence.Case
			if test.earlier != nil {
				earlier = append(earlier, c.played(nil, func() { test.earlier(t, c) }))
			}
			c.submissions, c.mail = 0, 0
			last := c.played(test.end, func() {
				if test.last != nil {
					test.last(t, c)
					return
				}
				c.exchange()
				c.directoryRead()
				c.settled()
				c.expectation()
			})
			last.Earlier = earlier
			judges := slices.DeleteFunc(Judges(), func(j Judge) bool { return j.Rule == "PEC-XML-008" }) // asks the directory too
			court := &Court{Catalogue: mustLaw(t), Judges: judges, Profile: Practice}
			s := court.Scenario(last)
			var got []string
			for _, check := range s.Checks {
				if check.Verdict == Fail && len(earlier)+len(s.Lacking) > 0 && (check.Where.Attempt > 0 || len(s.Lacking) > 0) {
					got = append(got, check.Rule+" "+check.Where.Message+" "+string(rune('0'+check.Where.Attempt)))
				}
				if check.Verdict == Error {
					t.Errorf("trouble of the harness: %+v", check)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("failures %q, want %q", got, test.want)
			}
			court.Judges = slices.DeleteFunc(judges, func(j Judge) bool { return !j.Each })
			if verdict := court.Scenario(last).Verdict; (verdict == Fail) != (len(test.want) > 0) {
				t.Errorf("by the judges of single messages the scenario is %s", verdict)
			}
			if want := map[bool]int{true: 2}[test.earlier != nil]; s.Attempts != want {
				t.Errorf("%d attempts, want %d", s.Attempts, want)
			}
		})
	}
}
