package compose_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/simulator/compose"
)

func TestRewriteOriginal(t *testing.T) {
	t.Parallel()
	const id = "pec1@gestore.example"
	tests := []struct{ name, in, want string }{
		{"in place", "A: 1\r\nMessage-Id:  <x@y> \r\nB:\tz \r\n\r\nbody", "A: 1\r\nMessage-ID: <pec1@gestore.example>\r\nX-Riferimento-Message-ID: <x@y>\r\nB:\tz \r\n\r\nbody"},
		{"folded", "Message-ID:\r\n <x@y>\r\nB: 1\r\n\r\n", "Message-ID: <pec1@gestore.example>\r\nX-Riferimento-Message-ID: <x@y>\r\nB: 1\r\n\r\n"},
		{"none given", "A: 1\r\n\r\nbody\r\n", "A: 1\r\nMessage-ID: <pec1@gestore.example>\r\n\r\nbody\r\n"},
		{"forged reference", "X-Riferimento-Message-ID: <false@z>\r\nMessage-ID: <x@y>\r\n\r\nb", "Message-ID: <pec1@gestore.example>\r\nX-Riferimento-Message-ID: <x@y>\r\n\r\nb"},
		{"forged reference without a Message-ID", "A: 1\r\nx-riferimento-message-id: <false@z>\r\n\r\nb", "A: 1\r\nMessage-ID: <pec1@gestore.example>\r\n\r\nb"},
		{"header only", "A: 1\r\n", "A: 1\r\nMessage-ID: <pec1@gestore.example>\r\n"},
		{"header only, unfinished", "A: 1", "A: 1\r\nMessage-ID: <pec1@gestore.example>\r\n"},
		{"no header", "\r\nbody", "Message-ID: <pec1@gestore.example>\r\n\r\nbody"},
		{"bare line feeds", "A: 1\nMessage-ID: <x@y>\n\nb\n", "A: 1\r\nMessage-ID: <pec1@gestore.example>\r\nX-Riferimento-Message-ID: <x@y>\r\n\r\nb\r\n"},
		{"in the body it stays", "A: 1\r\n\r\nMessage-ID: <x@y>\r\n", "A: 1\r\nMessage-ID: <pec1@gestore.example>\r\n\r\nMessage-ID: <x@y>\r\n"},
		{"odd lines stay", "no colon here\r\nMessage-ID: <x@y>\r\n\r\n", "no colon here\r\nMessage-ID: <pec1@gestore.example>\r\nX-Riferimento-Message-ID: <x@y>\r\n\r\n"},
		{"empty", "", "Message-ID: <pec1@gestore.example>\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := string(compose.RewriteOriginal([]byte(test.in), id)); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "a": "a", "a\r\nb": "a\r\nb", "a\nb\n": "a\r\nb\r\n", "a\r\r\nb": "a\r\nb", "a\rb\r\n": "a\rb\r\n", "\n": "\r\n", "a\r\n\nb\r": "a\r\n\r\nb\r",
	} {
		if got := string(compose.Canonical([]byte(in))); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", in, got, want)
		}
	}
	same := []byte("a\r\n\r\nb")
	if got := compose.Canonical(same); &got[0] != &same[0] {
		t.Error("canonical octets were copied")
	}
}

func TestFactsOf(t *testing.T) {
	t.Parallel()
	got := compose.FactsOf([]byte("Subject: a\r\n b\r\nREPLY-TO: \"X\" <x@y>\r\nMessage-ID: <1@y>\r\nX-Tiporicevuta: Breve\r\n\r\nSubject: no"))
	want := compose.Facts{Subject: "a b", HasSubject: true, ReplyTo: `"X" <x@y>`, ClientMessageID: "<1@y>", ReceiptType: "Breve", ReceiptTypeAsked: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReceiptTypeOutsideTheRulesIsComplete(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"X-TipoRicevuta: breve\r\n": "breve", "X-TIPORICEVUTA: sintetica\r\n": "sintetica", "X-TipoRicevuta: BREVE\r\n": "completa",
		"X-TipoRicevuta: lunga\r\n": "completa", "X-TipoRicevuta: breve\r\nX-TipoRicevuta: breve\r\n": "completa",
	} {
		f := compose.FactsOf([]byte(header + "\r\n"))
		f.Sender, f.Identifier = "anna@aurora.example", "pec1@gestore.aurora.example"
		_, m := seal(t, compose.TransportEnvelope(provider(), f, instant, []byte(original), nil))
		if got := m.Root.Value("X-TipoRicevuta"); got != want {
			t.Errorf("%q gives %q on the envelope, want %q", header, got, want)
		}
	}
}

func TestFactsOfSystem(t *testing.T) {
	t.Parallel()
	f := facts()
	f.ReceiptType, f.ReceiptTypeAsked, f.Subject = "breve", true, "=?UTF-8?Q?Citt=C3=A0?="
	enclosed := compose.RewriteOriginal([]byte(strings.Replace(original, "Offerta n. 7", f.Subject, 1)), f.Identifier)
	_, envelope := seal(t, compose.TransportEnvelope(provider(), f, instant, enclosed, compose.Inherited(enclosed, false)))
	want := f
	want.ReplyTo = f.Sender
	if diff := cmp.Diff(want, compose.FactsOfSystem(envelope)); diff != "" {
		t.Errorf("from an envelope (-want +got):\n%s", diff)
	}
	_, notice := seal(t, compose.VirusDetection(provider(), f, instant, own, "bruno@borea.example", "Prova", "ricevute@gestore.borea.example"))
	want.ReceiptType, want.ReceiptTypeAsked = "", false
	if diff := cmp.Diff(want, compose.FactsOfSystem(notice)); diff != "" {
		t.Errorf("from a notice (-want +got):\n%s", diff)
	}
}

func TestPrimary(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, header string
		want         bool
	}{
		{"in To", "To: Bruno <bruno@borea.example>\r\n", true},
		{"in Cc", "To: x@y.example\r\nCc: Bruno <BRUNO@borea.example>\r\n", false},
		{"in both", "To: bruno@borea.example\r\nCc: bruno@borea.example\r\n", true},
		{"in neither", "To: x@y.example\r\n", true},
		{"unreadable To", "To: <<<\r\nCc: bruno@borea.example\r\n", true},
		{"in a group of Cc", "To: x@y.example\r\nCc: tutti: z@y.example, bruno@borea.example;\r\n", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := compose.Primary([]byte(test.header+"\r\n"), "bruno@borea.example"); got != test.want {
				t.Errorf("Primary = %v, want %v", got, test.want)
			}
		})
	}
}

func TestIdentifiersDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		id, err := compose.NewIdentifier(provider(), instant)
		if err != nil {
			t.Fatal(err)
		}
		local, domain, _ := strings.Cut(id, "@")
		if seen[id] || domain != "gestore.aurora.example" || strings.Trim(local, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			t.Fatalf("identifier %q is not new, or not letters and digits at the provider", id)
		}
		seen[id] = true
	}
}
