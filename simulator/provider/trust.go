package provider

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/simulator/cycle"
)

// TrustSource is what a provider is given at its start: the CA, and what the
// authority publishes at that instant. News it fetches itself, see Download.
type TrustSource interface {
	Certificate() *x509.Certificate                // of the CA
	RevocationList() (*x509.RevocationList, error) // in force now
	DirectoryLDIF() ([]byte, error)                // in force now
}

// trust is the provider's own copy of the directory and of the CRL. The copy of
// the directory is renewed in a daily cycle (RFC 6109 4.5), the CRL when it has
// run out; what cannot be had leaves the last good copy in force.
type trust struct {
	c      Config
	roots  *x509.CertPool
	cycle  *cycle.Cycle
	client *downloads

	mu      sync.Mutex
	ldif    []byte
	parsed  *directory.Directory
	signed  time.Time // signing time of the file that the copy comes from; zero for the one given at the start
	edition int64     // of the source, when the copy was taken
	held    bool      // the copy is the provider's: the source is not asked any more

	revocation sync.Mutex
	crl        *x509.RevocationList

	paths paths
}

func newTrust(c Config) (*trust, error) {
	t := &trust{c: c, roots: x509.NewCertPool()}
	for _, ca := range append([]*x509.Certificate{c.Trust.Certificate()}, c.FurtherAuthorities...) {
		t.roots.AddCert(ca)
	}
	t.client = newDownloads(c)
	if c.Download.Directory != "" {
		return t, nil // read when all providers are in it: see begin
	}
	_, err := t.directory()
	return t, err
}

// begin takes the copies to begin with, when every provider is registered: what
// the store kept of an earlier life, else what is published now. From here on
// the daily cycle renews them.
func (t *trust) begin() error {
	if t.c.Download.Directory == "" {
		return nil
	}
	if _, err := t.directory(); err != nil {
		return err
	}
	t.mu.Lock()
	if t.c.Download.Edition != nil {
		t.edition = t.c.Download.Edition()
	}
	t.signed = t.c.Clock.Now().Add(-leeway)
	t.held = true
	earlier := t.takeUp()
	t.mu.Unlock()
	if t.c.Download.LDAP != "" {
		// What was given at the start is not what the server says: without a copy of
		// an earlier life there is nothing to go by but the server.
		if _, err := t.overLDAP(context.Background()); err != nil && !earlier {
			return err
		}
	}
	t.current()
	t.cycle = cycle.Start(cycle.Options{
		Clock: t.c.Clock, Every: downloadEvery, Seldom: downloadSeldom, Patience: downloadPatience, Do: t.refresh,
	})
	return nil
}

// Reading tells how much of the daily cycle is under way; see listen.Activity.
func (t *trust) Reading() (under, starts int64) { return t.cycle.Reading() }

func (t *trust) close(ctx context.Context) error { return t.cycle.Close(ctx) }

// directory returns the copy of the directory in force. Before begin, and for a
// provider that downloads nothing, it is what the source says.
func (t *trust) directory() (*directory.Directory, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held {
		return t.parsed, nil
	}
	ldif, err := t.c.Trust.DirectoryLDIF()
	if err == nil && bytes.Equal(ldif, t.ldif) && t.parsed != nil {
		return t.parsed, nil
	}
	var fresh *directory.Directory
	if err == nil {
		fresh, err = directory.ReadLDIF(bytes.NewReader(ldif))
	}
	if err != nil {
		if t.parsed != nil {
			return t.parsed, nil
		}
		return nil, fmt.Errorf("read the providers directory: %w", err)
	}
	t.ldif, t.parsed = ldif, fresh
	return fresh, nil
}

// record returns the directory record that manages the domain, or nil.
func (t *trust) record(domain string) *directory.Record {
	d, err := t.directory()
	if err != nil {
		return nil
	}
	return d.RecordOfDomain(domain)
}

// signers returns the records that list the certificate.
func (t *trust) signers(c *x509.Certificate) []*directory.Record {
	d, err := t.directory()
	if err != nil {
		return nil
	}
	records := d.RecordsOfCertificate(c)
	if !t.c.Faults.On("directory-hash-by-letter-case") {
		return records
	}
	digest := sha1.Sum(c.Raw)
	hash := strings.ToUpper(hex.EncodeToString(digest[:]))
	return slices.DeleteFunc(records, func(r *directory.Record) bool { return !slices.Contains(r.CertificateHashes, hash) })
}

// revoked tells whether the certificate is on the CRL. Without a CRL nothing
// can be trusted, so everything counts as revoked.
func (t *trust) revoked(c *x509.Certificate) bool {
	own := t.current()
	if own == nil {
		return true
	}
	for _, list := range append([]*x509.RevocationList{own}, t.c.FurtherRevocation...) {
		if !bytes.Equal(list.RawIssuer, c.RawIssuer) && list != own {
			continue // serial numbers are unique within one CA only
		}
		for _, entry := range list.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(c.SerialNumber) == 0 {
				return true
			}
		}
	}
	return false
}

// current is the CRL in force: the copy until its nextUpdate, then a fresh one,
// and the copy again while none can be had.
func (t *trust) current() *x509.RevocationList {
	t.revocation.Lock()
	defer t.revocation.Unlock()
	if t.crl != nil && (t.c.Clock.Now().Before(endOf(t.crl)) || t.c.Faults.On("revocation-not-refreshed")) {
		return t.crl
	}
	fresh, err := t.fresh()
	if err == nil && fresh.CheckSignatureFrom(t.c.Trust.Certificate()) == nil {
		t.crl = fresh
	}
	return t.crl
}

// fresh is the CRL as it is published: at the start what is given, later what
// is fetched. A provider that downloads nothing asks its source each time.
func (t *trust) fresh() (*x509.RevocationList, error) {
	if t.crl == nil || t.c.Download.Revocation == "" {
		return t.c.Trust.RevocationList()
	}
	return t.client.revocation(t.c.Download.Revocation)
}

// endOf is how long a CRL holds: a day when it does not say.
func endOf(list *x509.RevocationList) time.Time {
	if list.NextUpdate.IsZero() {
		return list.ThisUpdate.Add(24 * time.Hour)
	}
	return list.NextUpdate
}
