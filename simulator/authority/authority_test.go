package authority_test

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/authority"
)

var keys = authority.NewPool()

var instant = time.Date(2026, 7, 9, 14, 5, 6, 0, time.UTC)

var aurora = authority.Provider{
	Name: "Aurora PEC S.p.A.", ServiceAddress: "posta-certificata@gestore.aurora.example",
	MailReceipt: "ricevute@gestore.aurora.example", Domains: []string{"gestore.aurora.example", "aurora.example"},
	Description: "Gestore simulato, città",
}

type stepped struct {
	mutex sync.Mutex
	now   time.Time
}

func (s *stepped) Now() time.Time {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.now
}

func (s *stepped) add(d time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.now = s.now.Add(d)
}

func newAuthority(tb testing.TB) (*authority.Authority, *smime.Signer, *stepped) {
	tb.Helper()
	clock := &stepped{now: instant}
	a, err := authority.New(authority.Config{
		Keys: keys, Random: rand.Reader, Now: clock.Now,
		Domains: []string{"gestore.aurora.example", "aurora.example"},
	})
	if err != nil {
		tb.Fatal(err)
	}
	s, err := a.Register(aurora)
	if err != nil {
		tb.Fatal(err)
	}
	return a, s, clock
}

func chains(a *authority.Authority, c *x509.Certificate, at time.Time) error {
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate())
	_, err := c.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err
}

func TestProviderCertificate(t *testing.T) {
	t.Parallel()
	a, s, _ := newAuthority(t)
	c := s.Certificate
	if err := chains(a, c, instant); err != nil {
		t.Fatal(err)
	}
	if c.Version != 3 || c.Subject.Country[0] != "IT" || c.Subject.Organization[0] != aurora.Name || len(c.Subject.Names) != 3 {
		t.Errorf("version %d, subject %s", c.Version, c.Subject)
	}
	if len(c.EmailAddresses) != 1 || c.EmailAddresses[0] != aurora.ServiceAddress {
		t.Errorf("addresses %v", c.EmailAddresses)
	}
	if !bytes.Equal(c.AuthorityKeyId, a.Certificate().SubjectKeyId) || len(c.SubjectKeyId) != 20 {
		t.Errorf("key identifiers %x, %x", c.AuthorityKeyId, c.SubjectKeyId)
	}
	critical := map[string]bool{}
	for _, e := range c.Extensions {
		critical[e.Id.String()] = e.Critical
	}
	want := map[string]bool{"2.5.29.14": false, "2.5.29.35": false, "2.5.29.15": true, "2.5.29.17": false, "2.5.29.37": false, "2.5.29.31": false, "2.5.29.32": false, "1.3.6.1.5.5.7.1.1": false}
	if len(critical) != len(want) {
		t.Errorf("extensions %v, want %v", critical, want)
	}
	for id, c := range want {
		if got, there := critical[id]; !there || got != c {
			t.Errorf("extension %s: there %v, critical %v; want critical %v", id, there, got, c)
		}
	}
	if years := c.NotAfter.Sub(c.NotBefore).Hours() / 24 / 365; years < 2.9 || years > 3.1 {
		t.Errorf("lasts %.1f years", years)
	}
}

func TestNameConstraints(t *testing.T) {
	t.Parallel()
	a, _, _ := newAuthority(t)
	outside := aurora
	outside.ServiceAddress = "posta-certificata@gestore.altrove.example"
	s, err := a.Register(outside)
	if err != nil {
		t.Fatal(err)
	}
	if err := chains(a, s.Certificate, instant); err == nil {
		t.Error("a certificate for an address outside the name constraints chains")
	}
}

func TestVariants(t *testing.T) {
	t.Parallel()
	a, main, clock := newAuthority(t)
	for _, name := range authority.Variants() {
		s, err := a.Variant(aurora.ServiceAddress, name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, _ := a.Variant(aurora.ServiceAddress, name)
		if again != s || s.Certificate.Equal(main.Certificate) {
			t.Errorf("%s: expected one certificate of its own", name)
		}
		wantChain := name != "foreign" && name != "expired" && name != "late"
		if err := chains(a, s.Certificate, instant); (err == nil) != wantChain {
			// A critical extension that package x509 handles by itself is no obstacle for it.
			t.Errorf("%s: chains: %v", name, err)
		}
	}
	read := readDirectory(t, a)
	list, err := a.RevocationList()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range authority.Variants() {
		s, _ := a.Variant(aurora.ServiceAddress, name)
		if listed := len(read.RecordsOfCertificate(s.Certificate)) == 1; listed != (name != "unlisted") {
			t.Errorf("%s: in the directory: %v", name, listed)
		}
		revoked := false
		for _, e := range list.RevokedCertificateEntries {
			revoked = revoked || e.SerialNumber.Cmp(s.Certificate.SerialNumber) == 0
		}
		if revoked != (name == "revoked") {
			t.Errorf("%s: on the CRL: %v", name, revoked)
		}
	}
	if _, err := a.Variant(aurora.ServiceAddress, "nessuna"); err == nil {
		t.Error("an unknown variant gave no error")
	}
	if _, err := a.Variant("nessuno@x.example", "expired"); err == nil {
		t.Error("an unknown provider gave no error")
	}
	clock.add(0)
}

func TestVariantsDeviate(t *testing.T) {
	t.Parallel()
	a, _, _ := newAuthority(t)
	get := func(name string) *x509.Certificate {
		s, err := a.Variant(aurora.ServiceAddress, name)
		if err != nil {
			t.Fatal(err)
		}
		return s.Certificate
	}
	extension := func(c *x509.Certificate, id string) (there, critical bool) {
		for _, e := range c.Extensions {
			if e.Id.String() == id {
				return true, e.Critical
			}
		}
		return false, false
	}
	for name, want := range map[string]struct {
		id              string
		there, critical bool
	}{
		"key-usage-missing":                {"2.5.29.15", false, false},
		"key-usage-not-critical":           {"2.5.29.15", true, false},
		"without-authority-key-identifier": {"2.5.29.35", false, false},
		"without-subject-key-identifier":   {"2.5.29.14", false, false},
		"without-alternative-name":         {"2.5.29.17", false, false},
		"alternative-name-critical":        {"2.5.29.17", true, true},
		"basic-constraints":                {"2.5.29.19", true, true},
		"extended-key-usage-critical":      {"2.5.29.37", true, true},
		"without-extended-key-usage":       {"2.5.29.37", false, false},
	} {
		if there, critical := extension(get(name), want.id); there != want.there || critical != want.critical {
			t.Errorf("%s: extension %s there %v critical %v", name, want.id, there, critical)
		}
	}
	if c := get("without-digital-signature"); c.KeyUsage&x509.KeyUsageDigitalSignature != 0 {
		t.Error("digitalSignature is set")
	}
	if c := get("other-address"); c.EmailAddresses[0] == aurora.ServiceAddress {
		t.Error("the address is the service address")
	}
	if c := get("address-in-subject"); len(c.Subject.Names) != 4 {
		t.Errorf("subject %s", c.Subject)
	}
}

func readDirectory(t *testing.T, a *authority.Authority) *directory.Directory {
	t.Helper()
	ldif, err := a.DirectoryLDIF()
	if err != nil {
		t.Fatal(err)
	}
	d, err := directory.ReadLDIF(bytes.NewReader(ldif))
	if err != nil {
		t.Fatalf("%v\n%s", err, ldif)
	}
	for line := range bytes.SplitSeq(ldif, []byte("\n")) {
		if len(line) > 76 {
			t.Errorf("a line of %d octets: %s", len(line), line)
		}
	}
	return d
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	a, s, _ := newAuthority(t)
	if _, err := a.Register(authority.Provider{
		Name: "Borea, Figli + C.", Unit: "Secondario", ServiceAddress: "posta-certificata@gestore.aurora.example2",
		MailReceipt: "r@x.example", Domains: []string{"b.example"}, LDIFAddress: "https://x.example/",
	}); err != nil {
		t.Fatal(err)
	}
	if again, err := a.Register(aurora); err != nil || !again.Certificate.Equal(s.Certificate) {
		t.Errorf("the same record again gave error %v or another certificate", err)
	}
	other := aurora
	other.Name = "Aurora Altra S.p.A."
	if _, err := a.Register(other); err == nil {
		t.Error("another record with the same service address gave no error")
	}
	d := readDirectory(t, a)
	r := d.RecordOfDomain("AURORA.example")
	if r == nil || r.ProviderName != aurora.Name || r.MailReceipt != aurora.MailReceipt || len(r.Certificates) != 1 || !r.Certificates[0].Equal(s.Certificate) {
		t.Fatalf("record %+v", r)
	}
	if got := r.Attributes["description"]; len(got) != 1 || got[0] != aurora.Description {
		t.Errorf("description %q", got)
	}
	if unit := d.RecordOfDomain("b.example"); unit == nil || unit.ProviderUnit != "Secondario" || unit.ProviderName != "Borea, Figli + C." {
		t.Errorf("secondary environment %+v", unit)
	}
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	a, s, clock := newAuthority(t)
	first, err := a.RevocationList()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := a.RevocationList(); again != first {
		t.Error("a CRL that holds was made again")
	}
	if err := a.Revoke(s.Certificate); err != nil {
		t.Fatal(err)
	}
	second, err := a.RevocationList()
	if err != nil {
		t.Fatal(err)
	}
	if len(second.RevokedCertificateEntries) != 1 || second.Number.Cmp(first.Number) <= 0 {
		t.Errorf("CRL %v with %d entries after %v", second.Number, len(second.RevokedCertificateEntries), first.Number)
	}
	if err := second.CheckSignatureFrom(a.Certificate()); err != nil {
		t.Error(err)
	}
	clock.add(25 * time.Hour)
	third, err := a.RevocationList()
	if err != nil {
		t.Fatal(err)
	}
	if third.ThisUpdate.Before(second.NextUpdate) {
		t.Error("a CRL that ran out was not made again")
	}
	text, err := a.RevocationListPEM()
	if err != nil {
		t.Fatal(err)
	}
	if block, _ := pem.Decode(text); block == nil || block.Type != "X509 CRL" {
		t.Errorf("PEM %s", text)
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	a, _, clock := newAuthority(t)
	certificate, err := a.Server("mx.gestore.aurora.example", "127.0.0.1", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.CertificatePEM())
	for _, name := range []string{"mx.gestore.aurora.example", "127.0.0.1", "localhost"} {
		client, server := net.Pipe()
		done := make(chan error, 1)
		go func() {
			c := tls.Server(server, &tls.Config{Certificates: []tls.Certificate{certificate}})
			done <- c.Handshake()
		}()
		if err := tls.Client(client, &tls.Config{RootCAs: roots, ServerName: name, Time: clock.Now}).Handshake(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := <-done; err != nil {
			t.Errorf("%s: %v", name, err)
		}
		client.Close()
		server.Close()
	}
	if _, err := a.Server(); err == nil {
		t.Error("a server without a name gave no error")
	}
}

func TestPoolMakesEachKeyOnce(t *testing.T) {
	t.Parallel()
	pool := authority.NewPool()
	var group sync.WaitGroup
	got := make([]any, 8)
	for i := range got {
		group.Go(func() { got[i], _ = pool.Transport("x") })
	}
	group.Wait()
	for _, key := range got {
		if key != got[0] || key == nil {
			t.Fatal("the pool made a key twice")
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]authority.Config{
		"keys":   {Random: rand.Reader, Now: time.Now},
		"random": {Keys: keys, Now: time.Now},
		"clock":  {Keys: keys, Random: rand.Reader},
	} {
		if _, err := authority.New(c); err == nil {
			t.Errorf("without %s: no error", name)
		}
	}
}

// BenchmarkWorld is what a world's authority costs when its keys are there.
func BenchmarkWorld(b *testing.B) {
	for b.Loop() {
		newAuthority(b)
	}
}
