// Package authority is what the supervising body is to a simulated world: the
// CA that issues the providers' certificates (RFC 6109 5.5), its revocation
// list, and the directory of providers (RFC 6109 4.5), as LDIF and over LDAP,
// HTTPS and HTTP.
//
// The CA is made anew with every run, like the real one name-constrained: it
// can speak for the simulated domains and for nothing else, so that trusting it
// by mistake costs little.
//
// It judges no certificate and no message: readers live in package pec, and what
// the profile demands is the law's to know. On request it issues certificates
// that deviate (see Variants), and it behaves as faults ask (behaviours.go).
package authority

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/faults"
)

// Domain is the authority's own: names in it resolve nowhere (RFC 2606).
const Domain = "autorita.example"

// Defaults of addresses that nobody has to serve.
const (
	defaultCRLAddress       = "http://crl." + Domain + "/pec.crl"
	defaultOCSPAddress      = "http://ocsp." + Domain + "/"
	defaultDirectoryAddress = "https://indice." + Domain + "/igpec.ldif.p7m"
)

// policy is the certificate policy that the supervising body's own CA states in
// the certificates of providers.
var policy = []uint64{1, 3, 76, 16, 3, 1, 1}

// Config of an authority.
type Config struct {
	Keys    KeySource
	Random  io.Reader        // serial numbers; safe for concurrent use
	Now     func() time.Time // legal time
	Faults  *faults.Set      // of the CA itself, in all the worlds that share it; nil: none
	Domains []string         // what the name constraints permit: service domains, mail domains, host names

	CRLAddress       string // distribution point in the certificates; a name that resolves nowhere when empty
	OCSPAddress      string // of the responder in the certificates; a name that resolves nowhere when empty
	DirectoryAddress string // LDIFLocationURL of the directory's root until it is served; see Serve

	// Certificates keeps what is issued, for the next life of the same world;
	// nil: every authority issues anew.
	Certificates Certificates
	// Root is the CA; nil: the authority makes one, limited to the Domains.
	Root *Root
}

// Provider is a directory record, and what its certificate says.
type Provider struct {
	Name           string // providerName; O of the certificate
	Unit           string // providerUnit, for a secondary environment; normally empty
	ServiceAddress string // subjectAltName
	MailReceipt    string
	Domains        []string
	Description    string
	LDIFAddress    string // LDIFLocationURL of the record, left out when empty
	Hosted         bool   // the world serves its file: Serve sets LDIFAddress
	LowerCaseHash  bool   // certificate hashes in lower-case hexadecimal instead of upper-case
}

// Authority is the CA, the CRL and the directory of one world. It is safe for
// concurrent use.
type Authority struct {
	*shared
	now    func() time.Time
	faults *faults.Set // of the world

	registering sync.Mutex // one registration at a time

	mutex    sync.Mutex
	records  []*record
	further  []entry   // of other directories, as they stand there
	location string    // LDIFLocationURL of the root
	hosting  string    // base URL of the files; "" before they are served
	changed  time.Time // when the directory changed last
	edition  int64     // number of changes of the directory
	own      *ownFiles // signed files, made when asked for

	text        []byte // the LDIF of that edition
	textEdition int64
	read        *directory.Directory // what is handed out, of that edition
	readEdition int64

	revoked []x509.RevocationListEntry
	crl     *x509.RevocationList // the present one, nil when another is due
	number  int64                // of the last CRL
}

// record is a provider with all that was issued to it.
type record struct {
	provider Provider
	asked    Provider // as it was registered
	key      crypto.Signer
	main     *smime.Signer
	listed   []listing // certificates of the directory record
	variants map[string]*smime.Signer
	since    time.Time // when the record was made, or a certificate listed
	applied  *applied  // what its own file said instead; nil before one came
}

// listing is a certificate in a directory record.
type listing struct {
	certificate *x509.Certificate
	hashOnly    bool
}

// New makes an authority. The certificate of the CA is valid from a day before
// now, so that a world that starts in the past of another still trusts it.
func New(c Config) (*Authority, error) {
	switch {
	case c.Keys == nil:
		return nil, errors.New("authority: expected Config.Keys, found none; pass NewPool()")
	case c.Random == nil:
		return nil, errors.New("authority: expected Config.Random, found none; pass crypto/rand.Reader")
	case c.Now == nil:
		return nil, errors.New("authority: expected Config.Now, found none; pass the world's clock")
	}
	if c.CRLAddress == "" {
		c.CRLAddress = defaultCRLAddress
	}
	if c.OCSPAddress == "" {
		c.OCSPAddress = defaultOCSPAddress
	}
	if c.DirectoryAddress == "" {
		c.DirectoryAddress = defaultDirectoryAddress
	}
	c.Domains = append(slices.Clone(c.Domains), Domain) // its own servers
	key, err := c.rootKey()
	if err != nil {
		return nil, err
	}
	s := &shared{config: c, key: key, signers: map[string][]issuedSigner{}, servers: map[string][]issuedServer{}, lists: map[string]issuedList{}}
	if s.certificate, err = s.root(c.Now(), "Autorita Simulata CA PEC"); err != nil {
		return nil, err
	}
	return (&Authority{shared: s}).Fork(c.Now, nil), nil
}

// Fork gives another world its own registry (records, files, revocation list),
// empty, on its own legal time, over the same CA: what both register under the
// same name has the same certificate. set are the faults of that world, nil for
// none. It signs nothing and costs next to nothing.
func (a *Authority) Fork(now func() time.Time, set *faults.Set) *Authority {
	return &Authority{
		shared: a.shared, now: now, faults: set, own: newOwnFiles(),
		location: a.shared.config.DirectoryAddress, changed: now(),
	}
}

// Certificate is the CA's own.
func (a *Authority) Certificate() *x509.Certificate { return a.certificate }

// CertificatePEM is the CA's own, in PEM.
func (a *Authority) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Register puts the provider, or a secondary environment of one, into the
// directory and issues its certificate. One that is registered already, just the
// same, gets the certificate it has.
func (a *Authority) Register(p Provider) (*smime.Signer, error) {
	r, err := a.register(p)
	if err != nil {
		return nil, err
	}
	return r.main, nil
}

func (a *Authority) register(p Provider) (*record, error) {
	if p.Name == "" || p.ServiceAddress == "" || p.MailReceipt == "" {
		return nil, fmt.Errorf("authority: a directory record needs name, service address and mailReceipt; got %+v", p)
	}
	a.registering.Lock()
	defer a.registering.Unlock()
	a.mutex.Lock()
	known := a.find(p.ServiceAddress, p.Unit)
	a.mutex.Unlock()
	if known != nil {
		if !reflect.DeepEqual(known.asked, p) {
			return nil, fmt.Errorf("authority: %s is registered already, with another record; each provider has its own service address", p.ServiceAddress)
		}
		return known, nil
	}
	key, err := a.config.Keys.Signing("provider/" + p.ServiceAddress)
	if err != nil {
		return nil, err
	}
	r := &record{provider: p, asked: p, key: key, variants: map[string]*smime.Signer{}}
	if r.main, err = a.signer(a.now(), p, lawful, key); err != nil {
		return nil, err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	r.listed, r.since = []listing{{certificate: r.main.Certificate}}, a.now()
	a.host(r, a.hosting)
	a.records = append(a.records, r)
	a.touch()
	return r, nil
}

// touch notes that the directory says something else from now on.
func (a *Authority) touch() {
	a.changed = a.now()
	a.edition++
}

// find returns the record of an environment of a provider.
func (a *Authority) find(serviceAddress, unit string) *record {
	for _, r := range a.records {
		if strings.EqualFold(r.provider.ServiceAddress, serviceAddress) && r.provider.Unit == unit {
			return r
		}
	}
	return nil
}

// mainOf returns the record of the main environment of the same provider; the
// record itself when there is none.
func (a *Authority) mainOf(r *record) *record {
	if r.provider.Unit == "" {
		return r
	}
	for _, other := range a.records {
		if other.provider.Unit == "" && other.provider.Name == r.provider.Name {
			return other
		}
	}
	return r
}

// Server issues a TLS server certificate for host names and IP addresses. Names
// outside the name constraints are issued all the same and fail at the client.
func (a *Authority) Server(names ...string) (tls.Certificate, error) {
	if len(names) == 0 {
		return tls.Certificate{}, errors.New("authority: a server certificate needs a host name or an address; got none")
	}
	return a.server(a.now(), names, true)
}

// Untrusted is as Server, but the certificate is signed by its own key: it
// bears the right names and does not verify.
func (a *Authority) Untrusted(names ...string) (tls.Certificate, error) {
	if len(names) == 0 {
		return tls.Certificate{}, errors.New("authority: a server certificate needs a host name or an address; got none")
	}
	c, err := a.server(a.now(), names, false)
	if err == nil {
		c.Certificate = c.Certificate[:1:1]
	}
	return c, err
}
