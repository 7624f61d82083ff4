package steps

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec/directory"
)

// The printed form reads, but for the certificate that lost a letter.
func TestPrintedForm(t *testing.T) {
	t.Parallel()
	printed, err := printedForm([]byte(testDirectory(t)), "Cirro")
	if err != nil {
		t.Fatal(err)
	}
	d, err := directory.ReadLDIF(bytes.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	if d.RecordOfDomain("cirro.example") == nil || d.RecordOfDomain("stampato.example") == nil {
		t.Error("an entry is lost")
	}
	if len(d.Findings) != 1 || d.Findings[0].Code != "certificate-unreadable" {
		t.Errorf("findings %+v, want one certificate that cannot be read", d.Findings)
	}
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	f := startInside(t, testNow())
	f.trust = testDirectory(t)
	w, r := insideWorld(t, f, nil)
	if err := w.revokeRenewed(t.Context(), "Paolo"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/v1/authority/revoke true"}, f.told()); diff != "" {
		t.Errorf("the adapter was told (-want +got):\n%s", diff)
	}
	c := r.read(t)
	if len(c.DirectoryChanges) != 1 || c.DirectoryChanges[0].What != "certificate-revoked" || c.DirectoryChanges[0].Subject == "" {
		t.Errorf("changes %+v", c.DirectoryChanges)
	}
	if octets, err := c.Blob(c.DirectoryChanges[0].Blob); err != nil || string(octets) != w.target.Peers[0].Signers[1].Certificate {
		t.Errorf("the certificate in evidence is not the one revoked (%v)", err)
	}
}
