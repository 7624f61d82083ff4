package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

func TestBreachesOf(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		pairs []string
		alter func(*evidence.Submission)
		want  []string // rule and grade
	}{
		{name: "nothing"},
		{name: "no From", pairs: without(fromLine), want: []string{"PEC-AP-005 firm"}},
		{name: "From with a comment", pairs: []string{fromLine, "From: (io) Anna <anna@aurora.example>"}},
		{name: "From with a colon in its name", pairs: []string{fromLine, `From: "Ufficio: Anna" <anna@aurora.example>`}},
		{name: "From is a group", pairs: []string{fromLine, "From: Ufficio: Anna <anna@aurora.example>;"}, want: []string{"PEC-AP-006 firm"}},
		{name: "From is garbage", pairs: []string{fromLine, "From: <<>>"}, want: []string{"PEC-AP-006 firm"}},
		{name: "two mailboxes, neither the sender's", pairs: []string{fromLine, "From: a@aurora.example, b@aurora.example"}, want: []string{"PEC-AP-007 open", "PEC-AP-010 firm"}},
		{name: "domain in capitals", pairs: []string{fromLine, "From: anna@AURORA.example"}, want: []string{"PEC-AP-011 open"}},
		{name: "To is missing, and nobody is hidden for that", pairs: without(toLine), want: []string{"PEC-AP-008 firm"}},
		{name: "To without address", pairs: []string{toLine, "To: qualcuno"}, want: []string{"PEC-AP-009 firm"}},
		{name: "To that does not parse", pairs: []string{toLine, "To: <bruno@borea.example"}, want: []string{"PEC-AP-009 forgiven"}},
		{name: "hidden recipient", pairs: []string{", elena@posta.example", ""}, want: []string{"PEC-AP-012 firm"}},
		{name: "recipient in capitals is not hidden", pairs: []string{"elena@posta", "ELENA@posta"}},
		{name: "recipient in a group", pairs: []string{toLine, "To: Amici: bruno@borea.example, elena@posta.example;"}},
		{name: "no RCPT TO", alter: rcpt(bruno, elena), want: []string{"PEC-AP-013 open"}},
		{name: "Bcc", pairs: []string{"Subject:", "Bcc: dario@borea.example\nSubject:"}, want: []string{"PEC-AP-014 firm"}},
		{name: "empty Bcc", pairs: []string{"Subject:", "Bcc: \nSubject:"}, want: []string{"PEC-AP-015 open"}},
		{name: "size", alter: func(s *evidence.Submission) { s.Size = 11 << 20 }, want: []string{"PEC-AP-017 firm"}},
		{name: "size, nothing kept", alter: func(s *evidence.Submission) { s.Size, s.Blob = 11<<20, "" }, want: []string{"PEC-AP-017 firm"}},
		{name: "another account", alter: func(s *evidence.Submission) { s.Account = "gino@aurora.example" }, want: []string{"PEC-AP-002 firm"}},
		{name: "a login that is no address", alter: func(s *evidence.Submission) { s.Account = "anna" }},
		{name: "two Subjects", pairs: []string{"Cc:", "Subject: x\nCc:"}, want: []string{"PEC-AP-039 forgiven"}},
		{name: "no Date", pairs: without("Date: Wed, 14 Jan 2026 10:20:25 +0100"), want: []string{"PEC-AP-039 forgiven"}},
		{name: "Cc that does not parse", pairs: []string{"Cc: carla@borea.example", "Cc: <carla@borea.example"}, want: []string{"PEC-AP-039 forgiven"}},
		{name: "long line", pairs: []string{"Buongiorno", strings.Repeat("x", 1200)}, want: []string{"PEC-AP-039 forgiven"}},
		{name: "virus", alter: planted(), want: []string{"PEC-NAV-001 firm"}},
		{name: "virus unknown here", alter: planted(borea)},
	}
	grades := map[grade]string{firm: "firm", forgiven: "forgiven", open: "open"}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			alter := tc.alter
			if alter == nil {
				alter = func(*evidence.Submission) {}
			}
			c.submitted(textAs(t, tc.pairs...), alter)
			v := c.view()
			var got []string
			for _, b := range breachesOf(v, v.Transactions[0]) {
				got = append(got, b.rule+" "+grades[b.grade])
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A provider that states no limit may refuse what no provider has to accept
// (more than 50 recipients), and is not judged by it.
func TestRecipientsWithoutAStatedLimit(t *testing.T) {
	t.Parallel()
	for recipients, want := range map[int][]breach{
		guaranteedRecipients: nil,
		120:                  {{rule: "PEC-AP-020", grade: open, detail: "120 recipients, more than every provider has to accept"}},
	} {
		var b breachList
		var all evidence.Submission
		for range recipients {
			all.Recipients = append(all.Recipients, evidence.RecipientReply{})
		}
		b.size(&View{Case: &evidence.Case{}}, &Transaction{Submission: all})
		if diff := cmp.Diff(want, []breach(b), cmp.AllowUnexported(breach{})); diff != "" {
			t.Errorf("%d recipients:\n%s", recipients, diff)
		}
	}
}

func TestLongLine(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name         string
		octets       string
		line, length int
	}{
		{"empty", "", 0, 0},
		{"998 and a line end", strings.Repeat("x", 998) + "\r\n", 0, 0},
		{"998 without one", strings.Repeat("x", 998), 0, 0},
		{"999", "a\r\nb\r\n" + strings.Repeat("x", 999) + "\r\nc\r\n", 3, 999},
		{"last, without a line end", "a\r\n" + strings.Repeat("x", 1500), 2, 1500},
		{"many short ones", strings.Repeat("x\r\n", 5000), 0, 0},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			line, length := longLine([]byte(tc.octets))
			if line != tc.line || length != tc.length {
				t.Errorf("want line %d of %d octets, got line %d of %d", tc.line, tc.length, line, length)
			}
		})
	}
}

func TestAddressForms(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		"a@a.example, B <b@b.example>":             nil,
		"a@a.example,\n b@b.example":               {"folding"},
		"Amici: a@a.example;":                      {"a group"},
		`"Rossi: capo" <a@a.example>`:              nil,
		"a@a.example (capo)":                       {"a comment"},
		`"(capo)" <a@a.example>`:                   nil,
		`"a b"@a.example`:                          {"a quoted local part"},
		"=?utf-8?q?=C3=A8?= <a@a.example>":         {"an encoded word"},
		"Amici: =?utf-8?q?=C3=A8?= <a@a.example>;": {"a group", "an encoded word"},
	}
	for value, want := range cases {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			c := newCase(t)
			c.submitted(textAs(t, toLine, "To: "+value))
			field := c.view().Transactions[0].Sent.Lookup("To")[0]
			if diff := cmp.Diff(want, addressForms(field)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
