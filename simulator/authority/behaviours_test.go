package authority_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/faults"
)

// Every fault of the directory's text changes what is published, and leaves it
// readable.
func TestDirectoryFaultsShow(t *testing.T) {
	t.Parallel()
	shared, _, _ := newAuthority(t)
	publish := func(ids ...string) string {
		set, err := faults.Lookup(ids...)
		if err != nil {
			t.Fatal(err)
		}
		a := shared.Fork(func() time.Time { return instant }, set)
		listed := aurora
		listed.LDIFAddress, listed.Hosted = "https://127.0.0.1:1/aurora.ldif.p7m", true
		unit := aurora
		unit.Unit, unit.ServiceAddress, unit.Domains, unit.Hosted = "Sede di Levante", "posta-certificata@gestore.levante.example", []string{"levante.example"}, true
		other := cirro
		other.Name, other.LDIFAddress = "Cirro PEC S.r.l.", "https://127.0.0.1:1/cirro.ldif.p7m"
		for _, p := range []authority.Provider{listed, unit, other} {
			if _, err := a.Register(p); err != nil {
				t.Fatal(err)
			}
		}
		ldif, err := a.DirectoryLDIF()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := directory.ReadLDIF(strings.NewReader(string(ldif))); err != nil {
			t.Errorf("%v: %v", ids, err)
		}
		return string(ldif)
	}
	lawful := publish()
	elsewhere := []string{"schema", "search", "not-refreshed", "copy", "any-server", "damaged", "client-certificate", "letter-case", "revocation", "over-http", "corrupt"}
	for _, f := range faults.Catalogue() {
		if f.Family != "directory" || !strings.HasPrefix(f.ID, "directory-") ||
			slices.ContainsFunc(elsewhere, func(part string) bool { return strings.Contains(f.ID, part) }) {
			continue
		}
		if publish(f.ID) == lawful {
			t.Errorf("%s changes nothing", f.ID)
		}
		one := publish(f.ID + "@gestore.aurora.example")
		if !strings.Contains(f.ID, "root") && f.ID != "directory-without-a-provider" && one == lawful {
			t.Errorf("%s changes nothing for one provider", f.ID)
		}
	}
}

func TestFileFaultsShow(t *testing.T) {
	t.Parallel()
	for id, invalid := range map[string]bool{"file-not-signed": true, "file-detached": true, "file-signed-by-another-key": false, "file-not-utf-8": false, "file-in-ber": false} {
		a, _ := served(t, id)
		der, ok, err := a.ProviderFile("gestore.aurora.example")
		if err != nil || !ok {
			t.Fatal(err)
		}
		f := directory.OpenFile(der)
		if (f.Invalid != nil) != invalid {
			t.Errorf("%s: %v", id, f.Invalid)
		}
		if signer, _ := a.DirectorySigner(); id == "file-signed-by-another-key" && !f.Signer.Equal(signer.Certificate) {
			t.Errorf("%s: signed by %s", id, f.Signer.Subject)
		}
	}
	whole, _ := served(t)
	cut, _ := served(t, "file-without-secondary")
	for a, want := range map[*authority.Authority]int{whole: 2, cut: 1} {
		der, _, err := a.ProviderFile("gestore.cirro.example")
		if err != nil {
			t.Fatal(err)
		}
		if got := len(directory.OpenFile(der).Directory.Entries); got != want {
			t.Errorf("%d entries, want %d", got, want)
		}
	}
	plain, _ := served(t, "complete-file-not-signed")
	if der, err := plain.CompleteFile(); err != nil || directory.OpenFile(der).Invalid == nil {
		t.Errorf("complete-file-not-signed: %v", err)
	}
}

func TestRevocationFaults(t *testing.T) {
	t.Parallel()
	a, _ := served(t, "revocation-without-next-update")
	list, err := a.RevocationList()
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(a.Certificate()); err != nil || !list.NextUpdate.IsZero() {
		t.Errorf("nextUpdate %v, %v", list.NextUpdate, err)
	}
	silent, _ := served(t, "revocation-not-republished")
	if err := errors.Join(silent.Revoke(a.Certificate())); err != nil {
		t.Fatal(err)
	}
	if list, err := silent.RevocationList(); err != nil || len(list.RevokedCertificateEntries) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

// Worlds share what is issued, and nothing else.
func TestFork(t *testing.T) {
	t.Parallel()
	shared, s, stepped := newAuthority(t)
	one, other := shared.Fork(stepped.Now, nil), shared.Fork(func() time.Time { return instant.AddDate(1, 0, 0) }, nil)
	first, err := one.Register(aurora)
	if err != nil || !first.Certificate.Equal(s.Certificate) {
		t.Errorf("another certificate: %v", err)
	}
	later, err := other.Register(aurora)
	if err != nil || later.Certificate.Equal(s.Certificate) || !later.Certificate.NotAfter.After(s.Certificate.NotAfter) {
		t.Errorf("a world a year later has the old certificate: %v", err)
	}
	if err := one.Revoke(first.Certificate); err != nil {
		t.Fatal(err)
	}
	for a, want := range map[*authority.Authority]int{one: 1, other: 0, shared: 0} {
		if list, err := a.RevocationList(); err != nil || len(list.RevokedCertificateEntries) != want {
			t.Errorf("%v revoked, want %d", list, want)
		}
	}
	if _, err := one.Variant(aurora.ServiceAddress, "renewed"); err != nil {
		t.Fatal(err)
	}
	if got := len(readDirectory(t, other).Records[1].Certificates); got != 1 {
		t.Errorf("%d certificates in the other world", got)
	}
}
