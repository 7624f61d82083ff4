package antivirus_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator/antivirus"
)

func base64Of(content []byte) string {
	text := base64.StdEncoding.EncodeToString(content)
	var out strings.Builder
	for len(text) > 76 {
		out.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	return out.String() + text + "\r\n"
}

func zipped(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func attached(content []byte) string {
	return "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntesto\r\n--b\r\n" +
		"Content-Type: application/octet-stream; name=\"f.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64Of(content) + "--b--\r\n"
}

func TestScan(t *testing.T) {
	t.Parallel()
	virus := antivirus.EICAR()
	if len(virus) != 68 {
		t.Fatalf("the test file has %d octets, not 68", len(virus))
	}
	var qp bytes.Buffer
	w := quotedprintable.NewWriter(&qp)
	if _, err := w.Write(append(bytes.Repeat([]byte("à"), 20), virus...)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	inner := attached(virus)
	tests := []struct{ name, message, where string }{
		{"raw", "Subject: x\r\n\r\n" + string(virus), "message"},
		{"attachment", attached(virus), "f.bin"},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + qp.String(), "octets from 0"},
		{"zip", attached(zipped(t, "a.txt", virus)), "f.bin/a.txt"},
		{"zip in zip", attached(zipped(t, "i.zip", zipped(t, "a.txt", virus))), "f.bin/i.zip/a.txt"},
		{"message in message", "Content-Type: message/rfc822\r\n\r\n" + inner, "f.bin"},
		{"message in zip", attached(zipped(t, "m.eml", []byte(inner))), "f.bin"},
	}
	s := antivirus.New()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := s.Scan([]byte(test.message))
			if got.Found != antivirus.EICARName || got.Where != test.where {
				t.Errorf("found %q in %q, want it in %q", got.Found, got.Where, test.where)
			}
		})
	}
}

func TestCleanAndOtherPatterns(t *testing.T) {
	t.Parallel()
	message := []byte(attached([]byte("...MODELLO-DI-PROVA...")))
	if got := antivirus.New().Scan(message); got != (antivirus.Result{}) {
		t.Errorf("clean message: %+v", got)
	}
	if got := antivirus.New(antivirus.Pattern{Name: "Prova", Bytes: []byte("MODELLO-DI-PROVA")}, antivirus.Pattern{Name: "vuoto"}).Scan(message); got.Found != "Prova" {
		t.Errorf("pattern: %+v", got)
	}
	for _, odd := range []string{"", "\r\n", "PK\x03\x04", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b", strings.Repeat("\x00", 1000)} {
		if got := antivirus.New().Scan([]byte(odd)); got.Found != "" {
			t.Errorf("%q: %+v", odd, got)
		}
	}
}

// What only a key opens is no limit of the scanner: it is told apart.
func TestClosedArchive(t *testing.T) {
	t.Parallel()
	archive := zipped(t, "segreto.txt", []byte("abc"))
	for _, signature := range []string{"PK\x03\x04", "PK\x01\x02"} { // mark the member as encrypted, in both its headers
		at := bytes.Index(archive, []byte(signature))
		archive[at+map[byte]int{3: 6, 1: 8}[signature[2]]] |= 1
	}
	got := antivirus.New().Scan([]byte(attached(archive)))
	if got.Found != "" || got.Incomplete != "" || got.Closed != "f.bin/segreto.txt" {
		t.Errorf("%+v, want only a closed member", got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	bomb := attached(zipped(t, "zeri", make([]byte, 8<<20)))
	deep := antivirus.EICAR()
	for range 10 {
		deep = zipped(t, "d.zip", deep)
	}
	tests := []struct {
		name    string
		limits  antivirus.Limits
		message string
		limit   string
	}{
		{"size", antivirus.Limits{DecodedBytes: 1 << 20}, bomb, "decoded bytes"},
		{"depth", antivirus.Limits{}, attached(deep), "depth"},
		{"items", antivirus.Limits{Items: 2}, attached(nil), "items"},
		{"nesting", antivirus.Limits{Depth: 100}, strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 60) + "Subject: x\r\n\r\n" + "x", "limit-depth"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := antivirus.NewLimited(test.limits).Scan([]byte(test.message)); got.Incomplete != test.limit || got.Found != "" {
				t.Errorf("%+v, want it incomplete for %s", got, test.limit)
			}
		})
	}
}
