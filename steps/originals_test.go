package steps

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func prepared(t *testing.T, o order) *sending {
	t.Helper()
	s, err := testWorld(t, testTarget()).prepare(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPlainMessage(t *testing.T) {
	t.Parallel()
	s := prepared(t, order{actor: Anna, original: "a plain message", receipt: "brief", replyTo: Carla, to: "Bruno and Elena", cc: "Dario"})
	token := s.record.Token
	want := "X-Collaudo: test message " + token + " of a conformance test of certified mail\r\n" +
		"From: Anna Verdi <anna@aurora.example>\r\n" +
		"To: Bruno Neri <bruno@borea.example>,\r\n Elena Gialli <elena@posta.example>\r\n" +
		"Cc: Dario Bianchi <dario@borea.example>\r\n" +
		"Subject: prova " + token + "\r\n" +
		"Date: Mon, 01 Mar 2027 09:19:30 +0000\r\n" +
		"Message-ID: <" + token + ".tvx4v6@cliente.example>\r\n" +
		"Reply-To: Carla Rossi <carla@borea.example>\r\n" +
		"X-TipoRicevuta: breve\r\n"
	header, body, _ := strings.Cut(string(s.octets), "MIME-Version")
	want = strings.Replace(want, "tvx4v6", base36(testNow().Add(-clientSlow)), 1)
	if diff := cmp.Diff(want, header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if !strings.Contains(body, token) {
		t.Error("the token is not in the body")
	}
	if diff := cmp.Diff([]string{"bruno@borea.example", "elena@posta.example", "dario@borea.example"}, s.envelope); diff != "" {
		t.Errorf("envelope (-want +got):\n%s", diff)
	}
}

func base36(at time.Time) string {
	l := letter{token: "x", date: at}
	return strings.TrimSuffix(strings.TrimPrefix(l.messageID(), "<x."), "@cliente.example>")
}

func TestTokens(t *testing.T) {
	t.Parallel()
	one, two := testWorld(t, testTarget()), testWorld(t, testTarget())
	seen := map[string]bool{}
	for range 200 {
		a, b := one.token(), two.token()
		if a != b {
			t.Fatalf("the same seed gave %s and %s", a, b)
		}
		if seen[a] {
			t.Fatalf("token %s came twice", a)
		}
		seen[a] = true
	}
}

func TestSubjectsKeepTheirOctets(t *testing.T) {
	t.Parallel()
	for words := range subjects("T") {
		s := prepared(t, order{actor: Anna, original: subjectIs + words, to: "Bruno"})
		want := subjects(s.record.Token)[words]
		if want == "" {
			if bytes.Contains(s.octets, []byte("Subject:")) {
				t.Errorf("%s: there is a Subject", words)
			}
			continue
		}
		if !bytes.Contains(s.octets, []byte("\r\n"+want)) {
			t.Errorf("%s: the message does not hold %q", words, want)
		}
		for _, line := range strings.Split(want, "\r\n") {
			if len(line) > 998 {
				t.Errorf("%s: a line of %d octets", words, len(line))
			}
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		original, to string
		want         int
	}{
		{"a message of 30 MB", "Bruno", 30_000_000},
		{"a message of 0.6 MB", "Bruno and 49 unknown mailboxes", 600_000},
		{"a message just above the size limit", "Bruno and 49 unknown mailboxes", (30<<20)/50 + 1024},
		{"a message far above the size limit", "Bruno", 41 << 20},
	}
	for _, test := range tests {
		s := prepared(t, order{actor: Anna, original: test.original, to: test.to})
		if len(s.octets) != test.want {
			t.Errorf("%s has %d octets, want %d", test.original, len(s.octets), test.want)
		}
		tail := s.octets[len(s.octets)-2000:]
		for _, line := range bytes.Split(tail, []byte("\r\n")) {
			if len(line) > 998 {
				t.Errorf("%s has a line of %d octets", test.original, len(line))
			}
		}
	}
	silent := testTarget()
	silent.Limits = Limits{}
	if _, err := testWorld(t, silent).prepare(order{actor: Anna, original: "a message just above the size limit", to: "Bruno"}); err == nil {
		t.Error("a target without stated limits was exceeded all the same")
	}
}

func TestVirusesAreAssembled(t *testing.T) {
	t.Parallel()
	if len(eicar()) != 68 {
		t.Fatalf("the test file has %d octets, want 68", len(eicar()))
	}
	for _, original := range []string{"a message with a virus attached", "a message with a virus inside an attached message", "a message with a virus in its text"} {
		s := prepared(t, order{actor: Anna, original: original, to: "Bruno"})
		flat := strings.ReplaceAll(string(s.octets), "\r\n", "")
		encoded := base64.StdEncoding.EncodeToString(eicar())
		if !strings.Contains(flat, encoded) && !strings.Contains(flat, string(eicar())) {
			t.Errorf("%s holds no virus", original)
		}
		if s.record.Infected != "EICAR" || !containsAny(s.octets, needles(s.planted)) {
			t.Errorf("%s is not known as infected: %q", original, s.record.Infected)
		}
	}
	s := prepared(t, order{actor: Anna, original: "a message with a virus that only Bruno's provider knows", to: "Bruno"})
	if diff := cmp.Diff([]string{"Borea"}, s.record.KnownTo); diff != "" {
		t.Errorf("known to (-want +got):\n%s", diff)
	}
}

func TestZippedVirus(t *testing.T) {
	t.Parallel()
	text, err := zipped("a.com", eicar())
	if err != nil {
		t.Fatal(err)
	}
	octets, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\r\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(octets), int64(len(octets)))
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.File) != 1 || archive.File[0].UncompressedSize64 != 68 {
		t.Errorf("the archive holds %v", archive.File)
	}
}

func TestManners(t *testing.T) {
	t.Parallel()
	base := order{actor: Anna, original: "a plain message", to: "Bruno"}
	tests := []struct {
		manner   string
		reverse  string
		envelope []string
		header   string // must occur
	}{
		{"hiding Dario from the header", "anna@aurora.example", []string{"bruno@borea.example", "dario@borea.example"}, "To: Bruno Neri <bruno@borea.example>\r\nSubject"},
		{"naming Carla in the header only", "anna@aurora.example", []string{"bruno@borea.example"}, "Cc: Carla Rossi <carla@borea.example>\r\n"},
		{"naming each recipient twice to the server", "anna@aurora.example", []string{"bruno@borea.example", "bruno@borea.example"}, ""},
		{"under the name of Anna's colleague", "carla@aurora.example", []string{"bruno@borea.example"}, "From: Carla Rossi <carla@aurora.example>\r\n"},
	}
	for _, test := range tests {
		o := base
		o.manner = test.manner
		s := prepared(t, o)
		if s.record.ReversePath != test.reverse {
			t.Errorf("%s: reverse path %s, want %s", test.manner, s.record.ReversePath, test.reverse)
		}
		if diff := cmp.Diff(test.envelope, s.envelope); diff != "" {
			t.Errorf("%s: envelope (-want +got):\n%s", test.manner, diff)
		}
		if !strings.Contains(string(s.octets), test.header) {
			t.Errorf("%s: the header lacks %q:\n%s", test.manner, test.header, s.octets)
		}
	}
	unknown := base
	unknown.manner = "by pigeon"
	if _, err := testWorld(t, testTarget()).prepare(unknown); err == nil {
		t.Error("an unknown way of sending was taken")
	}
}
