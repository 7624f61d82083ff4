package journal

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/google/go-cmp/cmp"
)

// stamper is an authority of the test's own.
func stamper(t *testing.T) *Stamper {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Marche di prova"},
		NotBefore: start.Add(-time.Hour), NotAfter: start.AddDate(10, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &Stamper{Certificate: certificate, Key: key}
}

func TestFilesFollowEachOther(t *testing.T) {
	t.Parallel()
	s := stamper(t)
	with := func(o *Options) { o.Stamp = s.Stamp }
	j := open(t, with)
	j.add(t, "day one")
	j.now = start.Add(50 * time.Hour) // the third day; on the second nothing happened
	j.add(t, "day three")
	first, err := j.Files()
	if err != nil {
		t.Fatal(err)
	}
	// A line of the first day that is written only now: no file is changed for it.
	if err := j.Append(Entry{At: start.Add(time.Hour), Event: "late"}); err != nil {
		t.Fatal(err)
	}
	j.reopen(t, with)
	j.now = start.Add(73 * time.Hour)
	files, err := j.Files()
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 2 || len(files) != 3 {
		t.Fatalf("%d and then %d files, want 2 and 3", len(first), len(files))
	}
	if diff := cmp.Diff(first, files[:2]); diff != "" {
		t.Errorf("files that were saved have changed (-before +after):\n%s", diff)
	}
	wants := [][]string{{"day one"}, nil, {"day three", "late"}}
	for i, f := range files {
		if want := start.Add(time.Duration(i) * 24 * time.Hour); !f.From.Equal(want) || f.Until.Sub(f.From) != 24*time.Hour {
			t.Errorf("file %d covers %v to %v, want a day from %v", i, f.From, f.Until, want)
		}
		lines := bytes.Split(bytes.TrimSpace(f.Octets), []byte("\n"))
		if len(lines)-1 != len(wants[i]) {
			t.Errorf("file %d has %d lines below its heading, want %d: %s", i, len(lines)-1, len(wants[i]), f.Octets)
			continue
		}
		for k, want := range wants[i] {
			if !bytes.Contains(lines[k+1], []byte(`"`+want+`"`)) {
				t.Errorf("file %d, line %d: %s, want %s", i, k, lines[k+1], want)
			}
		}
		token, err := timestamp.Parse(f.Stamp)
		if err != nil {
			t.Fatal(err)
		}
		if !token.Time.Equal(f.Until) {
			t.Errorf("file %d is stamped at %v, want %v", i, token.Time, f.Until)
		}
	}
}

// Thirty months without a line are thirty months of files, soon made.
func TestEmptyDaysAreFilesToo(t *testing.T) {
	t.Parallel()
	s := stamper(t)
	j := open(t, func(o *Options) { o.Stamp = s.Stamp })
	j.add(t, "first")
	j.now = start.AddDate(0, 30, 2)
	files, err := j.Files()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(files); n < 912 || n > 917 {
		t.Errorf("%d files, want one for each day of 30 months", n)
	}
	for i := 1; i < len(files); i++ {
		if !files[i].From.Equal(files[i-1].Until) {
			t.Fatalf("a gap from %v to %v", files[i-1].Until, files[i].From)
		}
	}
	if got := j.events(t); len(got) != 0 {
		t.Errorf("lines older than 30 months: %v", got)
	}
}

func TestSavingIsAsked(t *testing.T) {
	t.Parallel()
	j := open(t, func(o *Options) { o.Saving = func(f *File) bool { return f.From.Day()%2 == 0 } })
	j.now = start.Add(97 * time.Hour)
	files, err := j.Files()
	if err != nil || len(files) != 2 {
		t.Errorf("%d files (%v), want 2", len(files), err)
	}
}

func TestStampNeedsAKey(t *testing.T) {
	t.Parallel()
	if _, err := (&Stamper{}).Stamp(nil, start); err == nil {
		t.Error("stamped without a key")
	}
}

func TestExtract(t *testing.T) {
	t.Parallel()
	entries := []Entry{
		{Event: Acceptance, MessageID: "<m@c>", Identifier: "pec1", Sender: "anna@x", Recipients: []string{"bruno@y", "carla@y"}},
		{Event: Relayed, Identifier: "pec1", Sender: "anna@x", Recipients: []string{"bruno@y"}},
		{Event: ReceiptArrived, Identifier: "pec1", Sender: "Anna@X", Recipients: []string{"anna@x"}, Related: []string{"<r1>"}},
		{Event: Acceptance, MessageID: "<m@c>", Identifier: "pec2", Sender: "elio@x", Recipients: []string{"bruno@y"}},
		{Event: Acceptance, MessageID: "<n@c>", Identifier: "pec3", Sender: "anna@x", Recipients: []string{"bruno@y"}},
	}
	tests := []struct {
		address, id string
		want        []string
	}{
		{"anna@x", "m@c", []string{Acceptance, Relayed, ReceiptArrived}},
		{"anna@x", "<pec1>", []string{Acceptance, Relayed, ReceiptArrived}},
		{"ANNA@x", "<r1>", []string{Acceptance, Relayed, ReceiptArrived}},
		{"elio@x", "<m@c>", []string{Acceptance}},
		{"elio@x", "<n@c>", nil},
		{"anna@x", "", nil},
	}
	for _, tt := range tests {
		var got []string
		list := Extract(entries, tt.address, tt.id)
		for _, e := range list {
			got = append(got, e.Event)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s asks for %s (-want +got):\n%s", tt.address, tt.id, diff)
		}
		if d := Document("X", tt.address, tt.id, list); !bytes.Contains(d, []byte("Titolare: "+tt.address)) {
			t.Errorf("document %q", d)
		}
	}
}
