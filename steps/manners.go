package steps

import (
	"fmt"
	"regexp"

	"github.com/collaudo/collaudo/evidence"
)

// manner is a way of sending that a scenario can name after a comma: what
// differs between what the header says and what the server is told, or which
// door is used.
type manner struct {
	pattern string // with at most one group: a party
	apply   func(s *sending, l *letter, p person)
}

// manners lists the closed set.
func manners() []manner {
	party := "(" + partyPattern() + ")"
	return []manner{
		{"over STARTTLS", func(s *sending, _ *letter, _ person) {
			s.record.Channel = evidence.SubmissionSTARTTLS
		}},
		{"signing in with AUTH LOGIN", func(s *sending, _ *letter, _ person) {
			s.login = "LOGIN"
		}},
		{"without signing in", func(s *sending, _ *letter, _ person) {
			s.login, s.record.Account = "", ""
		}},
		{"in clear text", func(s *sending, _ *letter, _ person) {
			s.inClear = true
			if s.account != nil {
				s.record.Channel = evidence.SubmissionClear
			}
		}},
		{"greeting with HELO", func(s *sending, _ *letter, _ person) {
			s.hello = "HELO"
		}},
		{"after a transaction that is reset", func(s *sending, _ *letter, _ person) {
			s.reset = true
		}},
		{"under the name of " + party, func(s *sending, l *letter, p person) {
			// Header and reverse path agree with each other; only the account
			// that signed in is another.
			l.writer, s.record.ReversePath = p, p.address
		}},
		{"hiding " + party + " from the header", func(s *sending, _ *letter, p person) {
			s.envelope = append(s.envelope, p.address)
		}},
		{"naming " + party + " in the header only", func(_ *sending, l *letter, p person) {
			l.cc = append(l.cc, p)
		}},
		{"naming each recipient twice to the server", func(s *sending, _ *letter, _ person) {
			s.envelope = append(s.envelope, s.envelope...)
		}},
	}
}

func mannersPattern() string {
	var all string
	for i, m := range manners() {
		if i > 0 {
			all += "|"
		}
		all += regexp.MustCompile(`\(([^?])`).ReplaceAllString(m.pattern, "(?:$1")
	}
	return all
}

// apply changes a submission as the words say; no words change nothing.
func (w *World) apply(words string, s *sending, l *letter) error {
	if words == "" {
		return nil
	}
	for _, m := range manners() {
		match := regexp.MustCompile("^" + m.pattern + "$").FindStringSubmatch(words)
		if match == nil {
			continue
		}
		var p person
		if len(match) > 1 {
			var err error
			if p, err = w.target.person(Party(match[1])); err != nil {
				return err
			}
		}
		m.apply(s, l, p)
		return nil
	}
	return fmt.Errorf("no way of sending is known as %q", words)
}
