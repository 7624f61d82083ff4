package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// asked is one expectation against one case.
type asked struct {
	check      string
	name       string
	parameters map[string]string
	submission string // empty: see about
	build      func(*testCase)
	want       answer
	others     []evidence.Expectation // recorded beside it
}

func p(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// turnedDown is a submission that a notice refused.
func turnedDown(changes ...change) func(*testCase) {
	start := func(_ *testing.T, all map[string][]placed) {
		clear(all)
		all["refusal"] = []placed{piece(correct("non-acceptance"), anna)}
	}
	return wholeOf(originalText, nil, append([]change{start}, changes...)...)
}

// withTwin puts a well-formed submission in front, refused or accepted.
func withTwin(reply int, build func(*testCase)) func(*testCase) {
	return func(c *testCase) {
		build(c)
		twin := c.submitted(strings.ReplaceAll(originalText, "7f3a", "9c1d"), func(s *evidence.Submission) {
			s.Twin, s.Token = true, "9c1d"
			s.DataReply = evidence.Reply{Code: reply}
		})
		if twin.Accepted() {
			c.put(correct("acceptance").with(c.t, "7f3a", "9c1d"))
		}
		c.settled()
	}
}

// looked is a look at the directory that brought this.
func looked(octets string, refused bool) func(*testCase) {
	return func(c *testCase) {
		r := evidence.DirectoryReading{ID: "q0", What: centralFile, Emitter: evidence.Target, At: acceptedAt, Refused: refused}
		if octets != "" {
			r.Blob = c.blobs.keep([]byte(octets))
		}
		c.add(evidence.Event{Type: evidence.DirectoryRead, Directory: &r})
	}
}

func TestExpectations(t *testing.T) {
	t.Parallel()
	atDATA := wholeOf(originalText, refusedAtDATA, only())
	later := wholeOf(originalText, func(s *evidence.Submission) { s.DataReply = evidence.Reply{Code: 451} }, only())
	starttls := probed(evidence.Probe{Name: "starttls-incoming", Service: "incoming", Provider: borea, TLSVersion: "TLS 1.3"})
	outOfOrder := probed(evidence.Probe{Name: "commands-out-of-order", Service: "incoming", Provider: borea, Refused: true})
	receives := func(mailbox, kind, count string, more ...string) map[string]string {
		return p(append([]string{"mailbox", mailbox, "kind", kind, "count", count}, more...)...)
	}
	also := func(check string, parameters map[string]string) evidence.Expectation {
		return evidence.Expectation{ID: "e2", Check: check, Submission: "s1", Parameters: parameters}
	}
	table := []asked{
		{check: "refused", name: "by SMTP", build: atDATA, want: holds},
		{check: "refused", name: "by SMTP, as asked", parameters: p("by", "smtp"), build: atDATA, want: holds},
		{check: "refused", name: "by SMTP, not by notice", parameters: p("by", "notice"), build: atDATA, want: broken},
		{check: "refused", name: "by notice", parameters: p("by", "either"), build: turnedDown(), want: holds},
		{check: "refused", name: "by notice, not by SMTP", parameters: p("by", "smtp"), build: turnedDown(), want: broken},
		{check: "refused", name: "accepted", build: whole(), want: broken},
		{check: "refused", name: "notice, and delivered", build: turnedDown(extra("envelope", bruno)), want: broken},
		{check: "refused", name: "temporarily", build: later, want: broken},
		{check: "refused", name: "silence", build: whole(only()), want: broken},
		{check: "refused", name: "silence, not settled", build: notYetSettled(whole(only())), want: unable},
		{check: "refused", name: "the twin too", build: withTwin(554, atDATA), want: unable},
		{check: "refused", name: "the twin not", build: withTwin(250, atDATA), want: holds},
		{check: "refused", name: "by whom", parameters: p("by", "nobody"), build: atDATA, want: harnessFault},

		{check: "accepted", name: "once", build: whole(), want: holds},
		{check: "accepted", name: "twice", build: whole(twice("acceptance")), want: broken},
		{check: "accepted", name: "refused", build: turnedDown(), want: broken},
		{check: "accepted", name: "refused by SMTP", build: atDATA, want: broken},
		{check: "accepted", name: "silence", build: whole(only()), want: broken},
		{check: "accepted", name: "silence, not settled", build: notYetSettled(whole(only())), want: unable},

		{check: "receives", name: "one", parameters: receives(bruno, "TransportEnvelope", "1"), build: whole(), want: holds},
		{check: "receives", name: "by token", parameters: receives(anna, "avvenuta-consegna", "2"), build: whole(), want: holds},
		{check: "receives", name: "about one", parameters: receives(anna, "Delivery", "1", "about", carla), build: whole(), want: holds},
		{check: "receives", name: "about another", parameters: receives(anna, "Delivery", "1", "about", elena), build: whole(), want: broken},
		{check: "receives", name: "none", parameters: receives(anna, "NonDelivery", "0"), build: whole(), want: holds},
		{check: "receives", name: "one too many", parameters: receives(anna, "Delivery", "1"), build: notYetSettled(whole()), want: broken},
		{check: "receives", name: "too few, not settled", parameters: receives(anna, "Delivery", "3"), build: notYetSettled(whole()), want: unable},
		{check: "receives", name: "for virus", parameters: receives(anna, "NonDelivery", "1", "virus", "yes"), build: virusFound(), want: holds},
		{check: "receives", name: "not for virus", parameters: receives(anna, "NonDelivery", "1"), build: virusFound(), want: broken},
		{check: "receives", name: "unread mailbox", parameters: receives("altri@altrove.example", "Delivery", "1"), build: whole(), want: unable},
		{check: "receives", name: "no such kind", parameters: receives(anna, "ricevuta", "1"), build: whole(), want: harnessFault},
		{check: "receives", name: "no number", parameters: receives(anna, "Delivery", "some"), build: whole(), want: harnessFault},
		{check: "receives", name: "no mailbox", parameters: p("kind", "Delivery", "count", "1"), build: whole(), want: harnessFault},
		{check: "receives", name: "no such submission", parameters: receives(anna, "Delivery", "1"), submission: "s9", build: whole(), want: harnessFault},

		{check: "nothing-more", name: "all asked for", build: whole(), want: holds, others: []evidence.Expectation{also("complete", nil)}},
		{
			check: "nothing-more", name: "asked for one by one", build: whole(only("acceptance", "envelope-bruno", "taken-in-charge")), want: holds,
			others: []evidence.Expectation{also("accepted", nil), also("receives", receives(bruno, "TransportEnvelope", "1"))},
		},
		{check: "nothing-more", name: "one more", build: whole(only("acceptance", "envelope-bruno")), want: broken, others: []evidence.Expectation{also("accepted", nil)}},
		{check: "nothing-more", name: "twice", build: whole(only("acceptance"), twice("acceptance")), want: broken, others: []evidence.Expectation{also("accepted", nil)}},
		{check: "nothing-more", name: "refused, and taken in charge", build: turnedDown(extra("taken-in-charge", serviceAurora)), want: broken, others: []evidence.Expectation{also("refused", nil)}},
		{check: "nothing-more", name: "not settled", build: notYetSettled(whole(only("acceptance"))), want: unable, others: []evidence.Expectation{also("accepted", nil)}},

		{check: "complete", name: "whole", build: whole(), want: holds},
		{check: "complete", name: "refused", build: stoppedAtHome(), want: holds},
		{check: "complete", name: "missing", build: whole(drop("delivery-carla")), want: broken},
		{check: "complete", name: "missing, not settled", build: notYetSettled(whole(drop("delivery-carla"))), want: unable},
		{check: "complete", name: "receipts to somebody else", build: wholeOf(originalText, func(s *evidence.Submission) { s.ReversePath, s.Account = "altri@aurora.example", "" }), want: broken},

		{check: "label", name: "certified", parameters: p("recipient", bruno, "type", "certificato"), build: whole(), want: holds},
		{check: "label", name: "ordinary", parameters: p("recipient", elena, "type", "esterno"), build: whole(), want: holds},
		{check: "label", name: "wrong", parameters: p("recipient", elena, "type", "certificato"), build: whole(), want: broken},
		{check: "label", name: "not listed", parameters: p("recipient", "dario@borea.example", "type", "certificato"), build: whole(), want: broken},
		{check: "label", name: "no acceptance", parameters: p("recipient", elena, "type", "esterno"), build: whole(drop("acceptance")), want: broken},
		{check: "label", name: "no such type", parameters: p("recipient", elena, "type", "ordinary"), build: whole(), want: harnessFault},

		{check: "receipt-content", name: "complete", parameters: p("recipient", bruno, "content", "complete"), build: whole(), want: holds},
		{check: "receipt-content", name: "concise", parameters: p("recipient", carla, "content", "concise"), build: whole(), want: holds},
		{check: "receipt-content", name: "brief", parameters: p("recipient", bruno, "content", "brief"), build: whole(receiptOf("delivery-brief")), want: holds},
		{check: "receipt-content", name: "complete, not brief", parameters: p("recipient", bruno, "content", "brief"), build: whole(), want: broken},
		{check: "receipt-content", name: "brief, not complete", parameters: p("recipient", bruno, "content", "complete"), build: whole(receiptOf("delivery-brief")), want: broken},
		{check: "receipt-content", name: "complete, not concise", parameters: p("recipient", bruno, "content", "concise"), build: whole(), want: broken},
		{check: "receipt-content", name: "no receipt", parameters: p("recipient", bruno, "content", "complete"), build: whole(drop("delivery-bruno")), want: broken},
		{check: "receipt-content", name: "no such content", parameters: p("recipient", bruno, "content", "half"), build: whole(), want: harnessFault},

		{check: "original-intact", name: "in the envelope", parameters: p("mailbox", bruno), build: whole(), want: holds},
		{check: "original-intact", name: "in the anomaly envelope", parameters: p("mailbox", bruno), build: ordinary(), want: holds},
		{check: "original-intact", name: "body changed", parameters: p("mailbox", bruno), build: whole(edit("envelope-bruno", "Buongiorno", "Salve")), want: broken},
		{check: "original-intact", name: "header changed", parameters: p("mailbox", bruno), build: whole(edit("envelope-bruno", "To: Bruno <bruno@borea.example>, elena@posta.example\nCc: carla@borea.example\nSubject", "To: bruno@borea.example, elena@posta.example\nCc: carla@borea.example\nSubject")), want: broken},
		{check: "original-intact", name: "not there", parameters: p("mailbox", bruno), build: whole(drop("envelope-bruno")), want: broken},
		{check: "original-intact", name: "unread mailbox", parameters: p("mailbox", "altri@altrove.example"), build: whole(), want: unable},

		{check: "probe", name: "tls", parameters: p("probe", "starttls-incoming", "outcome", "tls"), build: starttls, want: holds},
		{check: "probe", name: "allowed", parameters: p("probe", "starttls-incoming", "outcome", "allowed"), build: starttls, want: holds},
		{check: "probe", name: "refused", parameters: p("probe", "commands-out-of-order", "outcome", "refused"), build: outOfOrder, want: holds},
		{check: "probe", name: "not refused", parameters: p("probe", "starttls-incoming", "outcome", "refused"), build: starttls, want: broken},
		{check: "probe", name: "no TLS", parameters: p("probe", "commands-out-of-order", "outcome", "tls"), build: outOfOrder, want: broken},
		{check: "probe", name: "never asked", parameters: p("probe", "starttls-incoming", "outcome", "tls"), build: outOfOrder, want: harnessFault},
		{check: "probe", name: "no such outcome", parameters: p("probe", "starttls-incoming", "outcome", "well"), build: starttls, want: harnessFault},

		{check: "mailbox-empty", name: "empty", parameters: p("mailbox", "dario@borea.example"), build: whole(), want: holds},
		{check: "mailbox-empty", name: "not empty", parameters: p("mailbox", bruno), build: whole(), want: broken},
		{check: "mailbox-empty", name: "not settled", parameters: p("mailbox", "dario@borea.example"), build: notYetSettled(whole()), want: unable},
		{check: "mailbox-empty", name: "no such mailbox", parameters: p("mailbox", "altri@altrove.example"), build: whole(), want: harnessFault},

		{check: "reading", name: "handed out", parameters: p("reading", "q0", "outcome", "handed-out"), build: looked("the file", false), want: holds},
		{check: "reading", name: "nothing in it", parameters: p("reading", "q0", "outcome", "handed-out"), build: looked("", false), want: broken},
		{check: "reading", name: "refused", parameters: p("reading", "q0", "outcome", "withheld"), build: looked("", true), want: holds},
		{check: "reading", name: "not refused", parameters: p("reading", "q0", "outcome", "withheld"), build: looked("the file", false), want: broken},
		{check: "reading", name: "no such look", parameters: p("reading", "q9", "outcome", "withheld"), build: looked("", true), want: harnessFault},
		{check: "receives", name: "the first of what comes once", parameters: receives(anna, "Acceptance", "1", "notice", "first"), build: whole(), want: harnessFault},
		{check: "receives", name: "no second delay notice", parameters: receives(anna, "Delay", "0", "notice", "second"), build: whole(), want: holds},

		{check: "perfect", name: "no such check", build: whole(), want: harnessFault},
		{check: "accepted", name: "no such parameter", parameters: p("by", "notice"), build: whole(), want: harnessFault},
	}
	table = append(table, clientQuestions()...)
	table = append(table, mailboxQuestions()...)
	seen := map[string]map[answer]bool{}
	for _, a := range table {
		if seen[a.check] == nil {
			seen[a.check] = map[answer]bool{}
		}
		seen[a.check][a.want] = true
		t.Run(a.check+"/"+a.name, func(t *testing.T) {
			t.Parallel()
			a.about("s1").judge(t)
		})
	}
	for _, check := range ExpectationChecks() {
		if !seen[check][holds] || !seen[check][broken] {
			t.Errorf("the check %s needs a case that keeps it and one that breaks it", check)
		}
	}
}

// What the scenario asks amiss must weigh as an error, never as a verdict.
func TestExpectationAmissIsAnError(t *testing.T) {
	t.Parallel()
	court := &Court{Catalogue: mustLaw(t), Profile: Practice}
	if got := court.verdict(nil, harnessFault); got != Error {
		t.Errorf("an expectation that is asked amiss weighs as %q, want %q", got, Error)
	}
}

// about names the subject, where the expectation names none.
func (a asked) about(subject string) asked {
	if a.submission == "" {
		a.submission = subject
	}
	return a
}

// judge has the expectation judged on the case, and compares the answer.
func (a asked) judge(t *testing.T) {
	t.Helper()
	c := newCase(t)
	a.build(c)
	e := evidence.Expectation{ID: "e1", Text: "Then " + a.name, Check: a.check, Submission: a.submission, Parameters: a.parameters}
	for _, recorded := range append([]evidence.Expectation{e}, a.others...) {
		c.add(evidence.Event{Type: evidence.Expected, Expectation: &recorded})
	}
	var f Findings
	judgeExpectation(c.view(), e, &f)
	got, any := worst(f.list)
	for _, x := range f.list {
		if x.answer == harnessFault {
			got, any = x, true
		}
	}
	if !any || got.answer != a.want {
		t.Fatalf("want answer %d, got %d: expected %q, seen %q %s", a.want, got.answer, got.expected, got.seen, got.need)
	}
}
