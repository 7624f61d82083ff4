package provider

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/listen"
	"github.com/collaudo/collaudo/simulator/store"
)

// Download is where a provider fetches what it trusts from, after its start. The
// zero value fetches nothing: the provider asks its TrustSource instead.
type Download struct {
	Directory  string            // https URL of the signed complete directory
	LDAP       string            // ldap or ldaps URL of a directory server that is read instead; "": none
	Roots      *x509.CertPool    // that the directory's TLS certificate is verified with
	Signer     *x509.Certificate // that signs the file; nothing else is taken
	Revocation string            // http URL of the CRL; "" asks the TrustSource

	// Edition, when not nil, changes whenever there is something new to fetch:
	// what stands unchanged is not fetched again, so that months of legal time
	// can pass in a moment. nil fetches every time.
	Edition func() int64
}

// The copy of the directory is renewed every six hours, which keeps to the rule
// (daily) even when an attempt fails. When nothing has been new for a week the
// provider takes its time.
const (
	downloadEvery    = 6 * time.Hour
	downloadSeldom   = 20 * time.Hour
	downloadPatience = 28

	// leeway is how far the clock of who signs a file may be behind.
	leeway = 5 * time.Second

	downloadTimeout = 10 * time.Second // real time, for one file
	maxRevocation   = 16 << 20
)

// kept is the copy as the store keeps it through a restart.
type kept struct {
	LDIF   []byte    `json:"ldif"`
	Signed time.Time `json:"signed"`
}

// The place of the copy in the store's spool.
const trustQueue, trustID = "trust", "directory"

// ForgetDirectory drops the copy of the directory that a store keeps, for a
// provider that is started in another world than the one that it was made in: it
// begins with what is published then.
func ForgetDirectory(s store.Spool) { s.DropWork(trustQueue, trustID) }

// takeUp puts the copy of an earlier life in force, where there is one. The
// caller holds the lock.
func (t *trust) takeUp() (there bool) {
	for _, w := range t.c.Store.Works(trustQueue) {
		var k kept
		if json.Unmarshal(w.Data, &k) != nil {
			continue
		}
		if parsed, err := directory.ReadLDIF(bytes.NewReader(k.LDIF)); err == nil {
			t.ldif, t.parsed, t.signed, t.edition = k.LDIF, parsed, k.Signed, -1
			there = true
		}
	}
	return there
}

// refresh is one run of the daily cycle. What cannot be fetched, or is not in
// order, leaves the copy as it is.
func (t *trust) refresh(ctx context.Context) (news bool) {
	if t.c.Faults.On("directory-not-refreshed") {
		return false
	}
	edition := int64(-1)
	if t.c.Download.Edition != nil {
		edition = t.c.Download.Edition()
		t.mu.Lock()
		same := edition == t.edition
		t.mu.Unlock()
		if same {
			return false
		}
	}
	if t.c.Download.LDAP != "" {
		news, _ = t.overLDAP(ctx)
		return news
	}
	der, err := t.client.directory(ctx, t.c.Download.Directory)
	if err != nil {
		if t.c.Faults.On("directory-copy-forgotten") {
			t.mu.Lock()
			t.ldif, t.parsed = nil, withoutDomains(t.parsed)
			t.mu.Unlock()
		}
		return false
	}
	news, err = t.apply(directory.OpenFile(der))
	if err == nil {
		t.mu.Lock()
		t.edition = edition
		t.mu.Unlock()
	}
	return news
}

// apply puts a file in force if it is in order: signed by the directory, whole,
// and not older than the copy.
func (t *trust) apply(f *directory.File) (news bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	careless := t.c.Faults.On("directory-damaged-applied")
	switch {
	case f.NoLDIF != nil:
		return false, fmt.Errorf("the directory cannot be read: %w", f.NoLDIF)
	case careless:
	case t.c.Faults.On("directory-corrupt-certificate-refused") && corrupt(f.Directory):
		return false, errors.New("the directory holds a certificate that cannot be read")
	case f.Invalid != nil:
		return false, fmt.Errorf("the signature of the directory does not verify: %w", f.Invalid)
	case t.c.Download.Signer != nil && !f.Signer.Equal(t.c.Download.Signer):
		return false, fmt.Errorf("the directory is signed by %s, not by who signs it", f.Signer.Subject)
	case f.Signature.SigningTime.Before(t.signed.Truncate(time.Second)) && !bytes.Equal(f.Content, t.ldif):
		return false, fmt.Errorf("the directory was signed at %v, before the copy of %v", f.Signature.SigningTime, t.signed)
	}
	if bytes.Equal(f.Content, t.ldif) {
		return false, nil
	}
	t.ldif, t.parsed = f.Content, f.Directory
	if f.Signature != nil {
		t.signed = f.Signature.SigningTime
	}
	return true, t.keepCopy()
}

// keepCopy writes the copy into the store, for a restart. The caller holds the
// lock.
func (t *trust) keepCopy() error {
	data, err := json.Marshal(kept{t.ldif, t.signed})
	if err != nil {
		return err
	}
	return t.c.Store.PutWork(store.Work{Queue: trustQueue, ID: trustID, Data: data})
}

// withoutDomains is a directory in which each provider manages one domain, the
// first, which is that of its service address.
func withoutDomains(d *directory.Directory) *directory.Directory {
	records := slices.Clone(d.Records)
	for i, r := range records {
		records[i].ManagedDomains = r.ManagedDomains[:min(1, len(r.ManagedDomains))]
	}
	return &directory.Directory{Records: records}
}

// corrupt tells that a directory holds a certificate that cannot be read.
func corrupt(d *directory.Directory) bool {
	return slices.ContainsFunc(d.Findings, func(f directory.Finding) bool { return f.Code == "certificate-unreadable" })
}

// downloads fetches files.
type downloads struct {
	secure   *http.Client // of the directory: shows the provider's certificate
	clear    *http.Client
	overHTTP bool // the directory is asked in clear text
}

func newDownloads(c Config) *downloads {
	secure := &tls.Config{
		RootCAs: c.Download.Roots, MinVersion: tls.VersionTLS12, Time: c.Clock.Now,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.shown(), nil },
		InsecureSkipVerify:   c.Faults.On("directory-any-server"), //nolint:gosec // the fault is to trust every server
	}
	return &downloads{
		secure: &http.Client{Timeout: downloadTimeout, Transport: &http.Transport{TLSClientConfig: secure, DisableKeepAlives: true, DialContext: listen.Dialer(downloadTimeout).DialContext}},
		clear:  &http.Client{Timeout: downloadTimeout, Transport: &http.Transport{DisableKeepAlives: true, DialContext: listen.Dialer(downloadTimeout).DialContext}},

		overHTTP: c.Faults.On("directory-over-http"),
	}
}

// shown is the certificate that the provider shows to the directory: the one
// that signs its messages.
func (c Config) shown() *tls.Certificate {
	switch {
	case c.Faults.On("directory-no-client-certificate"):
		return &tls.Certificate{}
	case c.Faults.On("directory-other-client-certificate"):
		return &c.Server
	case c.Faults.On("directory-separate-client-certificate"):
		if s, err := c.Variant("unlisted"); err == nil {
			return certificateOf(s)
		}
	}
	return certificateOf(c.Signer)
}

func certificateOf(s *smime.Signer) *tls.Certificate {
	chain := [][]byte{s.Certificate.Raw}
	for _, c := range s.Chain {
		chain = append(chain, c.Raw)
	}
	return &tls.Certificate{Certificate: chain, PrivateKey: s.Key, Leaf: s.Certificate}
}

func (d *downloads) directory(ctx context.Context, url string) ([]byte, error) {
	rest, secure := strings.CutPrefix(url, "https://")
	if d.overHTTP {
		return get(ctx, d.clear, "http://"+rest, smime.MaxEnclosed)
	}
	if !secure {
		return nil, fmt.Errorf("the directory is fetched over https, not from %s", url)
	}
	return get(ctx, d.secure, url, smime.MaxEnclosed)
}

func (d *downloads) revocation(url string) (*x509.RevocationList, error) {
	ctx, cancel := context.WithTimeout(context.Background(), downloadTimeout)
	defer cancel()
	der, err := get(ctx, d.clear, url, maxRevocation)
	if err != nil {
		return nil, err
	}
	return x509.ParseRevocationList(der)
}

func get(ctx context.Context, client *http.Client, url string, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, answer.Status)
	}
	octets, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err == nil && int64(len(octets)) > limit {
		err = errors.New(url + " is longer than expected")
	}
	return octets, err
}
