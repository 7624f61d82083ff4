package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

// TestClaims goes through every capability: borne out, contradicted, and
// without occasion.
func TestClaims(t *testing.T) {
	t.Parallel()
	no := evidence.Reply{Code: 550, Enhanced: "5.7.1", Text: "No ordinary mail here"}
	later := evidence.Reply{Code: 451}
	fromElena := func(to string, rcpt evidence.Reply) func(*testCase) {
		return func(c *testCase) {
			c.submitted(originalText, incoming, func(s *evidence.Submission) {
				s.Recipients = []evidence.RecipientReply{{Address: to, Reply: rcpt}}
				if !rcpt.OK() {
					s.DataReply = evidence.Reply{}
				}
			})
		}
	}
	toElena := func(rcpt evidence.Reply) func(*testCase) {
		return func(c *testCase) {
			c.submitted(originalText, func(s *evidence.Submission) {
				for i := range s.Recipients {
					s.Recipients[i].Reply = rcpt
				}
				if !rcpt.OK() {
					s.DataReply = evidence.Reply{}
				}
			})
		}
	}
	listed := func(ldif string) func(*testCase) { return func(c *testCase) { c.LDIF = ldif } }
	oneDomain := baseText + "\n" + entryText(aurora, "", serviceAurora, [][]byte{keys().aurora.Certificate.Raw}, "aurora.example", "gestore.aurora.example") +
		"\n" + entryText(borea, "", serviceBorea, [][]byte{keys().borea.Certificate.Raw}, "borea.example", "gestore.borea.example")
	const shown, denied, silent = "shown", "denied", "silent"
	tests := []struct {
		name  string
		claim Capability
		build func(*testCase)
		want  string
		says  string
	}{
		{name: "both versions", claim: ClaimHTMLText, build: (*testCase).exchange, want: shown},
		{name: "plain alone", claim: ClaimHTMLText, build: alone("acceptance", "text/html", "text/enriched"), want: denied, says: "plain text alone"},
		{name: "no message", claim: ClaimHTMLText, build: func(*testCase) {}, want: silent},
		{name: "accepted", claim: ClaimOrdinaryRecipients, build: (*testCase).exchange, want: shown},
		{name: "refused", claim: ClaimOrdinaryRecipients, build: toElena(no), want: denied, says: "550"},
		{name: "put off", claim: ClaimOrdinaryRecipients, build: toElena(later), want: silent},
		{name: "nobody wrote to ordinary mail", claim: ClaimOrdinaryRecipients, build: fromElena(bruno, no), want: silent},
		{name: "taken in", claim: ClaimOrdinaryMail, build: fromElena(bruno, evidence.Reply{Code: 250}), want: shown},
		{name: "refused", claim: ClaimOrdinaryMail, build: fromElena(bruno, no), want: denied, says: "No ordinary mail here"},
		{name: "put off", claim: ClaimOrdinaryMail, build: fromElena(bruno, later), want: silent},
		{name: "to nobody", claim: ClaimOrdinaryMail, build: fromElena("ignoto@borea.example", no), want: silent},
		{name: "to the service mailbox", claim: ClaimOrdinaryMail, build: fromElena(serviceBorea, no), want: silent},
		{name: "one", claim: ClaimSecondaryEnvironments, build: listed(directoryText()), want: shown},
		{name: "none", claim: ClaimSecondaryEnvironments, build: listed(oneDomain), want: denied, says: "1 record"},
		{name: "no directory", claim: ClaimSecondaryEnvironments, build: (*testCase).withoutTrust, want: silent},
		{name: "two", claim: ClaimSeveralDomains, build: func(*testCase) {}, want: shown},
		{name: "one beside the service domain", claim: ClaimSeveralDomains, build: listed(oneDomain), want: denied, says: "aurora.example"},
		{name: "two by its description", claim: ClaimSeveralDomains, build: (*testCase).withoutTrust, want: shown},
		{name: "one by its description", claim: ClaimSeveralDomains, want: denied, says: "1 domain", build: func(c *testCase) {
			c.withoutTrust()
			c.World.Providers[0].Domains, c.World.Providers[1].Domains = []string{"aurora.example"}, []string{"borea.example"}
		}},
	}
	for _, test := range tests {
		t.Run(string(test.claim)+"/"+test.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			test.build(c)
			s := c.view().signsOf()[test.claim]
			got := silent
			if s.denied > 0 {
				got = denied
			}
			if s.shown {
				got = shown
			}
			if got != test.want || !strings.Contains(s.seen, test.says) {
				t.Errorf("%s, %q; want %s and %q", got, s.seen, test.want, test.says)
			}
		})
	}
	for _, claim := range Capabilities() {
		if _, known := newCase(t).view().signsOf()[claim]; !known {
			t.Errorf("nothing looks for %s", claim)
		}
	}
}

// TestAContradictedClaimIsAFinding: at its rules and in the sentence about the
// run; without the claim the rules are inapplicable, and that is all.
func TestAContradictedClaimIsAFinding(t *testing.T) {
	t.Parallel()
	catalogue, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	run := func(record evidence.Run, claims ...string) *Result {
		c := courtCase(func(c *evidence.Case) {
			c.World.Claims = claims
			c.World.Providers = []evidence.Provider{{Name: aurora, Domains: []string{"aurora.example"}, Emitter: evidence.Target}}
		})
		record.Selected = []string{"s"}
		pass := judgeOf("PEC-GEN-001", func(_ *View, f *Findings) { f.Holds(Where{}, "well") })
		quiet := judgeOf("PEC-SD-002", func(*View, *Findings) {})
		court := &Court{Catalogue: catalogue, Judges: []Judge{pass, quiet}, Profile: Practice}
		return court.Run(&evidence.Record{Run: record, Cases: []*evidence.Case{c}})
	}
	of := func(r *Result) RuleResult {
		for _, rr := range r.Rules {
			if rr.ID == "PEC-SD-002" {
				return rr
			}
		}
		return RuleResult{}
	}
	plain := evidence.Run{Rules: []string{"PEC-GEN-001", "PEC-SD-002", "PEC-ACC-001"}}

	r := run(evidence.Run{}, "several-domains")
	rr := of(r)
	if rr.Verdict != Warn || len(rr.Checks) != 1 || !strings.Contains(rr.Checks[0].Seen, "claim contradicted") || rr.Checks[0].By != ByClaim {
		t.Errorf("at its rule: %+v", rr)
	}
	if diff := cmp.Diff([]string{"several-domains"}, claimsIn(r)); diff != "" || !strings.Contains(r.Reason, "claim contradicted: several-domains") || r.Verdict != ConformantWithWarnings {
		t.Errorf("of the run: %s (%s)\n%s", r.Verdict, r.Reason, diff)
	}
	if r.Scenarios[0].Verdict != Warn {
		t.Errorf("the scenario is %s", r.Scenarios[0].Verdict)
	}
	if r = run(plain, "several-domains"); r.Verdict != Inconclusives {
		t.Errorf("a rule that was asked for and is known by its wrong claim alone: %s (%s)", r.Verdict, r.Reason)
	}
	r = run(evidence.Run{})
	if rr = of(r); rr.Verdict != Inapplicable || len(r.Contradicted) > 0 || r.Verdict != Conformant {
		t.Errorf("without the claim: %s, run %s, %v", rr.Verdict, r.Verdict, r.Contradicted)
	}
	r = run(evidence.Run{Shard: &evidence.Shard{}}, "several-domains")
	if rr = of(r); rr.Verdict != NotExercised || len(r.Contradicted) > 0 {
		t.Errorf("a shard: %s, %v", rr.Verdict, r.Contradicted)
	}
}

func claimsIn(r *Result) []string {
	var all []string
	for _, c := range r.Contradicted {
		all = append(all, string(c.Claim))
	}
	return all
}
