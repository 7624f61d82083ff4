package steps

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

func TestWriteStuffed(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, message, want string }{
		{"plain", "a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
		{"dot first", ".a\r\n", "..a\r\n.\r\n"},
		{"dots in the middle", "a.\r\n.\r\n..\r\n", "a.\r\n..\r\n...\r\n.\r\n"},
		{"a bare CR begins no line", "a\r.b\r\n", "a\r.b\r\n.\r\n"},
		{"a bare LF begins no line", "a\n.b\r\n", "a\n.b\r\n.\r\n"},
		{"NUL and 8-bit stay", "\x00\xe9\r\n", "\x00\xe9\r\n.\r\n"},
		{"nothing but a line end", "\r\n", "\r\n.\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := writeStuffed(bufio.NewWriter(&b), []byte(test.message)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, b.String()); diff != "" {
				t.Errorf("on the wire (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessagesGoOutUnaltered(t *testing.T) {
	t.Parallel()
	certificate, _ := testCertificate(t)
	server := startSMTP(t, certificate, false, nil)
	messages := []string{
		"A: 1\r\n\r\n.\r\n..\r\n.x\r\n",
		"A: 1\r\n\r\nbare\rCR, bare\nLF, \x00 and \xff\xe9   \r\n\r\n\r\n",
		"A: 1\r\n\r\n" + strings.Repeat("x", 200_000) + "\r\n",
	}
	for i, m := range messages {
		session, err := dialSMTPWithin(t.Context(), defaultConnect, nil, server.address, nil, newTranscript("", ""))
		if err != nil {
			t.Fatal(err)
		}
		if r := session.data([]byte(m)); r.Code != 250 {
			t.Fatalf("message %d: %s", i, describeReply(r))
		}
		session.quit()
		_, heard := server.heard()
		if !bytes.Equal(heard[i], []byte(m)) {
			t.Errorf("message %d: what came is not what was sent", i)
		}
	}
}

func TestDataRefusesWhatItWouldHaveToAlter(t *testing.T) {
	t.Parallel()
	certificate, _ := testCertificate(t)
	session, err := dialSMTPWithin(t.Context(), defaultConnect, nil, startSMTP(t, certificate, false, nil).address, nil, newTranscript("", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer session.quit()
	if r := session.data([]byte("no line end")); r.Code != 0 {
		t.Errorf("a message without line end was sent: %s", describeReply(r))
	}
}

func TestReadReplies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, answer string
		want         evidence.Reply
	}{
		{"one line", "250 fine", evidence.Reply{Code: 250, Text: "fine"}},
		{"enhanced code", "550 5.7.1 not you", evidence.Reply{Code: 550, Enhanced: "5.7.1", Text: "not you"}},
		{"several lines", "550-5.7.1 one\r\n550 5.7.1 two", evidence.Reply{Code: 550, Enhanced: "5.7.1", Text: "one\ntwo"}},
		{"code alone", "250", evidence.Reply{Code: 250}},
		{"a number that is no enhanced code", "250 5.7 apples", evidence.Reply{Code: 250, Text: "5.7 apples"}},
	}
	certificate, _ := testCertificate(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startSMTP(t, certificate, false, func(c string) string {
				if c == "NOOP" {
					return test.answer
				}
				return ""
			})
			session, err := dialSMTPWithin(t.Context(), defaultConnect, nil, server.address, nil, newTranscript("", ""))
			if err != nil {
				t.Fatal(err)
			}
			defer session.quit()
			if diff := cmp.Diff(test.want, session.command("NOOP")); diff != "" {
				t.Errorf("reply (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBrokenConversations(t *testing.T) {
	t.Parallel()
	certificate, _ := testCertificate(t)
	for _, answer := range []string{"close", "this is no reply", "25"} {
		server := startSMTP(t, certificate, false, func(c string) string {
			if strings.HasPrefix(c, "MAIL") {
				return answer
			}
			return ""
		})
		session, err := dialSMTPWithin(t.Context(), defaultConnect, nil, server.address, nil, newTranscript("", ""))
		if err != nil {
			t.Fatal(err)
		}
		if r := session.command("MAIL FROM:<a@b>"); r.Code != 0 || r.Text == "" {
			t.Errorf("after %q the reply is %+v, want code 0 and a reason", answer, r)
		}
		if r := session.command("RSET"); r.Code != 0 {
			t.Errorf("after %q the session goes on: %+v", answer, r)
		}
		session.quit()
	}
}

func TestDialTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	if _, err := dialSMTPWithin(t.Context(), defaultConnect, nil, "127.0.0.1:1", nil, newTranscript("", "")); !errors.Is(err, ErrUnreachable) {
		t.Errorf("closed port: %v, want ErrUnreachable", err)
	}
	if _, err := dialSMTPWithin(t.Context(), defaultConnect, nil, "", nil, newTranscript("", "")); !errors.Is(err, ErrUnreachable) {
		t.Errorf("no address: %v, want ErrUnreachable", err)
	}
}

func TestContextEndsAWait(t *testing.T) {
	t.Parallel()
	certificate, _ := testCertificate(t)
	release := make(chan struct{})
	server := startSMTP(t, certificate, false, func(c string) string {
		if c == "NOOP" {
			<-release
		}
		return ""
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	session, err := dialSMTPWithin(ctx, defaultConnect, nil, server.address, nil, newTranscript("", ""))
	if err != nil {
		t.Fatal(err)
	}
	if r := session.command("NOOP"); r.Code != 0 {
		t.Errorf("reply %+v, want none", r)
	}
	session.quit()
	close(release)
}

func TestTranscriptHidesSecrets(t *testing.T) {
	t.Parallel()
	certificate, authorities := testCertificate(t)
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		server := startSMTP(t, certificate, true, func(c string) string {
			switch {
			case strings.HasPrefix(c, "MAIL"):
				return "250 echo of c2VncmV0bw== and segreto" // a server that tells on its users
			case c == "c2VncmV0bw==":
				return "235 2.7.0 welcome"
			case c == "YW5uYQ==":
				return "334 UGFzc3dvcmQ6"
			}
			return ""
		})
		log := newTranscript("anna", "segreto")
		target := testTarget()
		target.TLS.Authorities = authorities
		config, err := testWorld(t, target).tlsConfig("", server.address)
		if err != nil {
			t.Fatal(err)
		}
		session, err := dialSMTPWithin(t.Context(), defaultConnect, nil, server.address, config, log)
		if err != nil {
			t.Fatal(err)
		}
		if r := session.auth(mechanism, "anna", "segreto"); r.Code != 235 {
			t.Fatalf("AUTH %s: %s", mechanism, describeReply(r))
		}
		session.command("MAIL FROM:<anna@aurora.example>")
		session.quit()
		text := string(log.octets())
		for _, secret := range []string{"segreto", "c2VncmV0bw", "AGFubmEAc2VncmV0bw"} {
			if strings.Contains(text, secret) {
				t.Errorf("AUTH %s: the transcript holds %q:\n%s", mechanism, secret, text)
			}
		}
		if !strings.Contains(text, removed) || !strings.Contains(text, "TLS 1.3") {
			t.Errorf("AUTH %s: the transcript shows neither what was removed nor TLS:\n%s", mechanism, text)
		}
	}
}
