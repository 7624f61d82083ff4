package steps

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

func TestRefusalsAreRecorded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, at, reply string
		mail, data      int
		recipients      []int
		sent            int
	}{
		{"at MAIL", "MAIL", "530 5.7.0 no", 530, 0, nil, 0},
		{"at every RCPT", "RCPT", "550 5.1.1 no", 250, 0, []int{550}, 0},
		{"at DATA", "DATA", "503 5.5.1 no", 250, 503, []int{250}, 0},
		{"at the final dot", ".", "554 5.6.0 no", 250, 554, []int{250}, 1},
		{"by hanging up", "RCPT", "close", 250, 0, []int{0}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, func(c string) string {
				if strings.HasPrefix(c, test.at) {
					return test.reply
				}
				return ""
			})
			if err := s.world.submit(t.Context(), order{actor: Anna, original: "a plain message", to: "Bruno"}); err != nil {
				t.Fatal(err)
			}
			sub := s.close().Submissions[0]
			var recipients []int
			for _, r := range sub.Recipients {
				recipients = append(recipients, r.Reply.Code)
			}
			if sub.MailReply.Code != test.mail || sub.DataReply.Code != test.data || sub.Accepted() {
				t.Errorf("MAIL %+v, DATA %+v", sub.MailReply, sub.DataReply)
			}
			if diff := cmp.Diff(test.recipients, recipients); diff != "" {
				t.Errorf("RCPT (-want +got):\n%s", diff)
			}
			if _, heard := s.submission.heard(); len(heard) != test.sent {
				t.Errorf("%d messages went out, want %d", len(heard), test.sent)
			}
		})
	}
}

func TestRefusedLoginIsAnError(t *testing.T) {
	t.Parallel()
	s := setStage(t, func(c string) string {
		if strings.HasPrefix(c, "AUTH") {
			return "535 5.7.8 no"
		}
		return ""
	})
	err := s.world.submit(t.Context(), order{actor: Anna, original: "a plain message", to: "Bruno"})
	if !errors.Is(err, ErrLogin) {
		t.Errorf("error %v, want ErrLogin", err)
	}
}

func TestChannels(t *testing.T) {
	t.Parallel()
	tests := []struct {
		actor      Party
		manner     string
		channel    evidence.Channel
		tls, login bool
		first      string // greeting
	}{
		{Anna, "", evidence.SubmissionTLS, true, true, "EHLO cliente.example"},
		{Anna, "over STARTTLS", evidence.SubmissionSTARTTLS, true, true, "EHLO cliente.example"},
		{Anna, "without signing in", evidence.SubmissionTLS, true, false, "EHLO cliente.example"},
		{Anna, "in clear text", evidence.SubmissionClear, false, true, "EHLO cliente.example"},
		{Elena, "", evidence.IncomingPoint, true, false, "EHLO posta.example"},
		{Elena, "in clear text", evidence.IncomingPoint, false, false, "EHLO posta.example"},
		{Elena, "greeting with HELO", evidence.IncomingPoint, false, false, "HELO posta.example"},
	}
	for _, test := range tests {
		t.Run(string(test.actor)+" "+test.manner, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, nil)
			if err := s.world.submit(t.Context(), order{actor: test.actor, original: "a plain message", to: "Bruno", manner: test.manner}); err != nil {
				t.Fatal(err)
			}
			commands, _ := s.submission.heard()
			if test.channel != evidence.SubmissionTLS {
				commands, _ = s.incoming.heard()
			}
			if len(commands) == 0 || commands[0] != test.first {
				t.Errorf("the server heard %q, want %q first", commands, test.first)
			}
			sub := s.close().Submissions[0]
			if sub.Channel != test.channel || sub.TLS != test.tls || sub.Authenticated != test.login || !sub.Accepted() {
				t.Errorf("channel %s, TLS %v, authenticated %v, accepted %v", sub.Channel, sub.TLS, sub.Authenticated, sub.Accepted())
			}
		})
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	if err := s.world.sendMany(t.Context(), "Anna", 12, "Bruno", 4); err != nil {
		t.Fatal(err)
	}
	if err := s.world.expectAccepted(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := s.close()
	ids, tokens := map[string]bool{}, map[string]bool{}
	for _, sub := range c.Submissions {
		ids[sub.ID], tokens[sub.Token] = true, true
	}
	if len(ids) != 12 || len(tokens) != 12 || len(c.Expectations) != 12 {
		t.Errorf("%d ids, %d tokens, %d expectations, want 12 of each", len(ids), len(tokens), len(c.Expectations))
	}
}
