package steps

import (
	"bytes"
	"net"
	"strings"
	"testing"
)

func TestProbesTellGoodFromBad(t *testing.T) {
	t.Parallel()
	inOrder := func(c string) string {
		switch {
		case strings.HasPrefix(c, "RCPT"), c == "DATA":
			return "503 5.5.1 not now"
		case c == "INVENTATO":
			return "500 5.5.2 what"
		}
		return ""
	}
	tests := []struct {
		words   string
		answer  func(string) string
		refused bool
		version string
	}{
		{"to sign in without TLS", nil, false, ""},
		{"to sign in without TLS", func(c string) string {
			if strings.HasPrefix(c, "AUTH") {
				return "523 5.7.10 TLS first"
			}
			return ""
		}, true, ""},
		{"to sign in with a wrong password on submission", nil, false, ""},
		{"to sign in with a wrong password on IMAP", nil, true, ""},
		{"to read mail without TLS", nil, true, ""},
		{"STARTTLS on the incoming point", nil, false, "TLS 1.3"},
		{"STARTTLS on the incoming point", func(c string) string {
			if strings.HasPrefix(c, "EHLO") {
				return "250 fake"
			}
			return ""
		}, true, ""},
		{"TLS 1.1 on submission", nil, true, ""},
		{"TLS 1.2 on submission", nil, false, "TLS 1.2"},
		{"commands out of order on the incoming point", inOrder, true, ""},
		{"commands out of order on the incoming point", func(c string) string {
			if c == "DATA" {
				return "250 as you like"
			}
			return ""
		}, false, ""},
		{"RSET and NOOP on the incoming point", nil, false, ""},
		{"RSET and NOOP on the incoming point", func(c string) string {
			if c == "NOOP" {
				return "502 5.5.1 never heard"
			}
			return ""
		}, true, ""},
	}
	for _, test := range tests {
		t.Run(test.words, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, test.answer)
			if err := s.world.try(t.Context(), test.words, Bruno); err != nil {
				t.Fatal(err)
			}
			if err := s.world.expectProbe(t.Context(), "refused"); err != nil {
				t.Fatal(err)
			}
			found := s.close().Probes[0]
			if found.Refused != test.refused || found.TLSVersion != test.version || found.Transcript == "" {
				t.Errorf("refused %v (want %v), TLS %q (want %q): %+v", found.Refused, test.refused, found.TLSVersion, test.version, found.Replies)
			}
			noSecrets(t, s.dir)
		})
	}
}

// flooding is an IMAP server that answers a login with more lines than anybody
// wants to keep.
type flooding struct{ net.Conn }

func (c flooding) Read(octets []byte) (int, error) {
	n, err := c.Conn.Read(octets)
	if bytes.Contains(octets[:n], []byte(" LOGIN ")) {
		for range 1000 {
			if _, err := c.Conn.Write([]byte("* OK " + strings.Repeat("x", 1000) + "\r\n")); err != nil {
				return n, err
			}
		}
	}
	return n, err
}

func TestAProbeIsNotFlooded(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	serveMailboxes(t, s, func(conn net.Conn) net.Conn { return flooding{conn} })
	if err := s.world.try(t.Context(), "to sign in with a wrong password on IMAP", Bruno); err != nil {
		t.Fatal(err)
	}
	c := s.close()
	text, err := c.Blob(c.Probes[0].Transcript)
	if err != nil || len(text) > sessionHead+sessionTail+200 || !strings.Contains(string(text), "are not kept") {
		t.Errorf("the transcript has %d octets (%v), want no more than %d, and how much is not kept", len(text), err, sessionHead+sessionTail)
	}
}
