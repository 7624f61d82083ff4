package directory

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The files printed in RFC 6109 4.5.10, without page breaks and blank lines as
// they come out of the text: readers have to cope with them (PEC-DIR-029).
func TestPrintedExamples(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file         string
		entries      int
		certificates []int // readable, by record
		findings     []string
		unit         string
	}{
		{"printed-1.ldif", 3, []int{0, 1, 0}, []string{"record-without-blank-line", "record-without-blank-line", "certificate-unreadable"}, ""},
		{"printed-2.ldif", 4, nil, nil, "Secondary Environment"},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			in, err := os.Open("testdata/" + c.file)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			d, err := ReadLDIF(in)
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Records) != c.entries || len(d.Entries) != c.entries {
				t.Fatalf("%d records, %d entries", len(d.Records), len(d.Entries))
			}
			var codes []string
			for _, f := range d.Findings {
				codes = append(codes, f.Code)
			}
			if c.findings != nil {
				if diff := cmp.Diff(c.findings, codes); diff != "" {
					t.Error(diff)
				}
			}
			for i, want := range c.certificates {
				if got := len(d.Records[i].Certificates); got != want {
					t.Errorf("%s: %d certificates, want %d", d.Records[i].DN, got, want)
				}
			}
			for i := range d.Entries {
				e := &d.Entries[i]
				if e.DN != d.Records[i].DN || e.Line != d.Records[i].Line || !e.Has("TOP") || e.Has("person") {
					t.Errorf("entry %+v", e)
				}
			}
			units := ""
			for _, r := range d.Records {
				units += r.ProviderUnit
			}
			if units != c.unit {
				t.Errorf("units %q", units)
			}
		})
	}
}

func TestEntriesAreAsWritten(t *testing.T) {
	t.Parallel()
	d, err := ReadLDIF(strings.NewReader("dn: a\nobjectClass: Provider\nproviderCertificate;BINARY;x:: QUJD\nproviderCertificate;binary:: QUJ\nMailReceipt:  a@b.example\nx:: QU JD\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Attribute{
		{Name: "objectClass", Value: "Provider", Line: 2},
		{Name: "providerCertificate;BINARY;x", Value: "ABC", Base64: true, Line: 3},
		{Name: "providerCertificate;binary", Value: "QUJ", Base64: true, Damaged: true, Line: 4},
		{Name: "MailReceipt", Value: "a@b.example", Line: 5},
		{Name: "x", Value: "ABC", Base64: true, Line: 6},
	}
	if diff := cmp.Diff(want, d.Entries[0].Attributes); diff != "" {
		t.Error(diff)
	}
	var codes []string
	for _, f := range d.Findings {
		codes = append(codes, fmt.Sprintf("%d %s", f.Line, f.Code))
	}
	if diff := cmp.Diff([]string{"3 certificate-unreadable", "4 certificate-unreadable", "6 blank-in-base64"}, codes); diff != "" {
		t.Error(diff)
	}
	certificate := want[1]
	if !certificate.Option("binary") || !certificate.Option("X") || certificate.Option("y") || certificate.Option("") || certificate.Type() != "providercertificate" {
		t.Errorf("options of %q", certificate.Name)
	}
	if got := d.Entries[0].Values("mailreceipt"); len(got) != 1 || got[0] != "a@b.example" {
		t.Errorf("values %q", got)
	}
}
