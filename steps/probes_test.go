package steps

import (
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
