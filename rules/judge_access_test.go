package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// textAs is the standard submission with pairs of old and new text replaced.
func textAs(t *testing.T, pairs ...string) string {
	t.Helper()
	s := originalText
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(s, pairs[i]) {
			t.Fatalf("the original holds no %q", pairs[i])
		}
		s = strings.Replace(s, pairs[i], pairs[i+1], 1)
	}
	return s
}

// aftermath is what the target made of a submission.
type aftermath func(c *testCase)

func refusedByNotice(c *testCase) { c.put(correct("non-acceptance")); c.settled() }
func acceptedWhole(c *testCase) {
	c.put(correct("acceptance"))
	c.put(correct("envelope"))
	c.settled()
}
func silence(c *testCase)   { c.settled() }
func unsettled(c *testCase) { c.put(correct("non-acceptance")) }

// refusedBySMTP answers the end of data with this code.
func refusedBySMTP(code int) func(*evidence.Submission) {
	return func(s *evidence.Submission) { s.DataReply = evidence.Reply{Code: code, Text: "no"} }
}

// rcpt makes the submission go to these recipients only.
func rcpt(addresses ...string) func(*evidence.Submission) {
	return func(s *evidence.Submission) {
		s.Recipients = nil
		for _, a := range addresses {
			s.Recipients = append(s.Recipients, evidence.RecipientReply{Address: a, Reply: evidence.Reply{Code: 250}})
		}
	}
}

// submittedAs is a case with the standard submission, altered in text and in
// its SMTP dialogue, and its fate.
func submittedAs(f aftermath, pairs []string, alter ...func(*evidence.Submission)) func(*testCase) {
	return func(c *testCase) {
		c.submitted(textAs(c.t, pairs...), alter...)
		f(c)
	}
}

// without is a pair that drops a header line.
func without(line string) []string { return []string{line + "\n", ""} }

const (
	fromLine = "From: Anna <anna@aurora.example>"
	toLine   = "To: Bruno <bruno@borea.example>, elena@posta.example"
)

func TestAccessJudges(t *testing.T) {
	t.Parallel()
	var trials []trial
	// Each formal check: refused holds; accepted and passed over in silence breaks.
	for rule, pairs := range map[string][]string{
		"PEC-AP-005": without(fromLine),
		"PEC-AP-006": {fromLine, "From: Ufficio: anna@aurora.example;"},
		"PEC-AP-008": {toLine + "\nCc: carla@borea.example", "Cc: bruno@borea.example, elena@posta.example, carla@borea.example"},
		"PEC-AP-009": {toLine, "To: undisclosed-recipients:;"},
		"PEC-AP-010": {fromLine, "From: gino@aurora.example"},
		"PEC-AP-012": {", elena@posta.example", ""},
		"PEC-AP-014": {"Subject:", "Bcc: dario@borea.example\nSubject:"},
	} {
		trials = append(trials,
			trial{rule: rule, name: "refused by notice", build: submittedAs(refusedByNotice, pairs), want: holds},
			trial{rule: rule, name: "accepted", build: submittedAs(acceptedWhole, pairs), want: broken},
			trial{rule: rule, name: "silence", build: submittedAs(silence, pairs), want: broken},
			trial{rule: rule, name: "refused by SMTP", build: submittedAs(silence, pairs, refusedBySMTP(554)), want: broken},
			trial{rule: rule, name: "not settled", build: submittedAs(unsettled, pairs), want: unable},
			trial{rule: rule, name: "well formed", build: submittedAs(acceptedWhole, nil), none: true},
			trial{rule: rule, name: "other channel", build: submittedAs(acceptedWhole, pairs, func(s *evidence.Submission) {
				s.Channel, s.Authenticated = evidence.IncomingPoint, false
			}), none: true},
		)
	}
	trials = append(trials, doorTrials()...)
	trials = append(trials, refusalTrials()...)
	trials = append(trials, toleranceTrials()...)
	trials = append(trials, identifierTrials()...)
	trials = append(trials, labelTrials()...)
	runTrials(t, accessJudges(), trials, "PEC-AP-007", "PEC-AP-013", "PEC-AP-015", "PEC-AP-037")
}

func doorTrials() []trial {
	stranger := func(s *evidence.Submission) { s.Authenticated, s.Account = false, "" }
	clear := func(s *evidence.Submission) {
		s.Channel, s.TLS, s.Authenticated = evidence.SubmissionClear, false, false
	}
	atMail := func(s *evidence.Submission) { s.MailReply, s.DataReply = evidence.Reply{Code: 530}, evidence.Reply{} }
	another := func(s *evidence.Submission) { s.Account = "gino@aurora.example" }
	return []trial{
		{rule: "PEC-AP-001", name: "refused", build: submittedAs(silence, nil, stranger, atMail), want: holds},
		{rule: "PEC-AP-001", name: "taken", build: submittedAs(silence, nil, stranger), want: broken},
		{rule: "PEC-AP-001", name: "authenticated", build: submittedAs(acceptedWhole, nil), none: true},
		{rule: "PEC-AP-002", name: "refused", build: submittedAs(silence, nil, another, atMail), want: holds},
		{rule: "PEC-AP-002", name: "refused by notice", build: submittedAs(refusedByNotice, nil, another), want: holds},
		{rule: "PEC-AP-002", name: "accepted", build: submittedAs(acceptedWhole, nil, another), want: broken},
		{rule: "PEC-AP-002", name: "silence", build: submittedAs(silence, nil, another), want: broken},
		{rule: "PEC-AP-003", name: "refused", build: submittedAs(silence, nil, clear, atMail), want: holds},
		{rule: "PEC-AP-003", name: "taken", build: submittedAs(acceptedWhole, nil, clear), want: broken},
		{rule: "PEC-AP-003", name: "signed in", build: submittedAs(silence, nil, clear, atMail, func(s *evidence.Submission) { s.Authenticated = true }), want: broken},
		{rule: "PEC-AP-003", name: "probe", build: func(c *testCase) {
			c.add(evidence.Event{Type: evidence.Probed, Probe: &evidence.Probe{Name: "auth-in-clear", Provider: aurora}})
		}, want: broken},
		holdsEverywhere("PEC-AP-004"),
		{rule: "PEC-AP-004", name: "refused", build: submittedAs(silence, nil, refusedBySMTP(554)), want: broken},
		{rule: "PEC-AP-004", name: "odd code", build: submittedAs(acceptedWhole, nil, refusedBySMTP(252)), want: broken},
		{rule: "PEC-AP-004", name: "silence", build: submittedAs(silence, nil), want: broken},
		{rule: "PEC-AP-004", name: "later", build: submittedAs(silence, nil, refusedBySMTP(451)), want: unable},
		{rule: "PEC-AP-004", name: "unlawful", build: submittedAs(silence, without(fromLine), refusedBySMTP(554)), none: true},
	}
}

// twin adds the well-formed twin, accepted or not.
func twin(c *testCase, accepted bool) {
	c.submitted(textAs(c.t, "7f3a", "twin", "<c1@", "<c0@"), func(s *evidence.Submission) { s.Twin, s.Token = true, "twin" })
	if accepted {
		c.put(correct("acceptance").with(c.t, "7f3a", "twin", "<c1@", "<c0@", "&lt;c1@", "&lt;c0@", "pec1.", "pec0."))
	}
}

func refusalTrials() []trial {
	blind := []string{", elena@posta.example\nCc: carla@borea.example", "\nBcc: elena@posta.example, carla@borea.example"}
	limit := func(total, notice int64, f aftermath, alter ...func(*evidence.Submission)) func(*testCase) {
		return func(c *testCase) {
			c.World.Limits.MaxTotalBytes, c.World.Limits.NoticeBytes = total, notice
			c.submitted(originalText, alter...)
			f(c)
		}
	}
	atMail := func(s *evidence.Submission) {
		s.MailReply, s.DataReply, s.Blob, s.Recipients = evidence.Reply{Code: 552}, evidence.Reply{}, "", nil
	}
	form := func(pairs ...string) []trial {
		return []trial{
			{rule: "PEC-AP-039", name: pairs[1] + " refused", build: submittedAs(silence, pairs, refusedBySMTP(554)), want: holds},
			{rule: "PEC-AP-039", name: pairs[1] + " accepted", build: submittedAs(acceptedWhole, pairs), want: deviates},
		}
	}
	all := []trial{
		{rule: "PEC-AP-009", name: "does not parse, accepted", build: submittedAs(acceptedWhole, []string{toLine, "To: Bruno <bruno@borea.example"}), want: deviates},
		{rule: "PEC-AP-005", name: "twin refused too", build: func(c *testCase) { twin(c, false); submittedAs(refusedByNotice, without(fromLine))(c) }, want: unable},
		{rule: "PEC-AP-005", name: "twin accepted", build: func(c *testCase) { twin(c, true); submittedAs(refusedByNotice, without(fromLine))(c) }, want: holds},
		{rule: "PEC-AP-005", name: "two breaches prove neither", build: submittedAs(refusedByNotice, []string{fromLine + "\n" + toLine + "\n", ""}), none: true},
		{rule: "PEC-AP-005", name: "never sent", build: submittedAs(silence, without(fromLine), func(s *evidence.Submission) {
			s.MailReply, s.DataReply = evidence.Reply{Code: 550}, evidence.Reply{}
		}), none: true},
		{rule: "PEC-AP-006", name: "garbage accepted", build: submittedAs(acceptedWhole, []string{fromLine, "From: @@"}), want: broken},
		{rule: "PEC-AP-006", name: "empty accepted", build: submittedAs(acceptedWhole, []string{fromLine, "From: "}), want: broken},
		{rule: "PEC-AP-010", name: "other case is no breach", build: submittedAs(acceptedWhole, []string{fromLine, "From: ANNA@Aurora.example"}), none: true},
		{rule: "PEC-AP-016", name: "refused", build: submittedAs(refusedByNotice, blind), want: holds},
		{rule: "PEC-AP-016", name: "certified", build: submittedAs(acceptedWhole, blind), want: broken},
		{rule: "PEC-AP-012", name: "who stands in Bcc is another matter", build: submittedAs(acceptedWhole, blind), none: true},
		{rule: "PEC-AP-017", name: "refused", build: limit(100, 0, silence, atMail), want: holds},
		{rule: "PEC-AP-017", name: "accepted", build: limit(100, 0, acceptedWhole), want: broken},
		{rule: "PEC-AP-017", name: "no limit stated", build: limit(0, 0, acceptedWhole), none: true},
		{rule: "PEC-AP-018", name: "notice", build: limit(100, 1<<20, refusedByNotice), want: holds},
		{rule: "PEC-AP-018", name: "SMTP", build: limit(100, 1<<20, silence, refusedBySMTP(552)), want: broken},
		{rule: "PEC-AP-018", name: "silence", build: limit(100, 1<<20, silence), want: broken},
		{rule: "PEC-AP-019", name: "SMTP", build: limit(100, 200, silence, atMail), want: holds},
		{rule: "PEC-AP-019", name: "notice", build: limit(100, 200, refusedByNotice), want: warned},
		{rule: "PEC-AP-019", name: "silence", build: limit(100, 200, silence), want: broken},
		{rule: "PEC-AP-022", name: "refused", build: submittedAs(refusedByNotice, without(fromLine)), want: holds},
		{rule: "PEC-AP-022", name: "envelope all the same", build: submittedAs(func(c *testCase) { c.put(correct("envelope")); refusedByNotice(c) }, without(fromLine)), want: broken},
		{rule: "PEC-AP-022", name: "forgiven breaches do not count", build: submittedAs(acceptedWhole, []string{"Cc: carla@borea.example", "Cc: carla@borea.example\nSubject: again"}), none: true},
		{rule: "PEC-AP-039", name: "no Date supplied", build: submittedAs(func(c *testCase) { c.put(correct("acceptance")); c.put(correct("envelope")); c.settled() },
			without("Date: Wed, 14 Jan 2026 10:20:25 +0100")), want: holds},
		{rule: "PEC-AP-039", name: "silence", build: submittedAs(silence, []string{"Cc:", "Subject: again\nCc:"}), want: broken},
		{rule: "PEC-AP-039", name: "998 octets are lawful", build: submittedAs(acceptedWhole, []string{"Buongiorno", strings.Repeat("x", 960)}), none: true},
	}
	all = append(all, form("Cc:", "From: anna@aurora.example\nCc:")...)
	all = append(all, form("Cc:", "not a field\nCc:")...)
	all = append(all, form("Buongiorno", "Buon\rgiorno")...)
	return append(all, form("Buongiorno", strings.Repeat("x", 999))...)
}

func TestAccessWithoutSubmission(t *testing.T) {
	t.Parallel()
	// A message by itself, as `verify` has it, must not upset any judge.
	c := newCase(t)
	c.World, c.trustless = evidence.World{}, true
	for name := range samples() {
		c.put(correct(name))
	}
	v := c.view()
	for _, list := range [][]Judge{accessJudges(), nonAcceptanceJudges(), acceptanceJudges(), envelopeJudges(), logJudges()} {
		for _, j := range list {
			var f Findings
			j.Look(v, &f)
			if bad, any := worst(f.list); any && bad.answer == broken {
				t.Errorf("%s: a correct message alone is broken: expected %q, seen %q", j.Rule, bad.expected, bad.seen)
			}
		}
	}
	if got := len(v.OfKind(pec.TransportEnvelope)); got != 1 {
		t.Errorf("want one envelope in the view, got %d", got)
	}
}
