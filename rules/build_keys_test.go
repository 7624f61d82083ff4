package rules

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
)

// testKeys are the keys of the standard world, made once per test run.
type testKeys struct {
	authority    *x509.Certificate
	authorityKey *rsa.PrivateKey
	aurora       *smime.Signer
	borea        *smime.Signer
	stranger     *smime.Signer // says it is Aurora, but another CA issued it
	emptyCRL     []byte        // PEM
	lists        sync.Map      // what crl made, PEM, by the serial numbers
}

var keys = sync.OnceValue(func() *testKeys {
	k := &testKeys{authorityKey: newKey()}
	k.authority = newAuthority(k.authorityKey, "gestore.aurora.example", "gestore.borea.example")
	k.aurora = k.issue(auroraProfile())
	profile := auroraProfile()
	profile.SerialNumber = big.NewInt(12)
	profile.Subject.CommonName, profile.Subject.Organization = borea, []string{borea}
	profile.EmailAddresses = []string{"posta-certificata@gestore.borea.example"}
	k.borea = k.issue(profile)
	other := &testKeys{authorityKey: k.borea.Key.(*rsa.PrivateKey)}
	other.authority = newAuthority(other.authorityKey)
	k.stranger = other.issue(auroraProfile())
	k.emptyCRL = k.crl()
	return k
})

// auroraProfile is the template of a certificate that keeps every CRT rule.
// Alter it and pass it to keys().issue.
func auroraProfile() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(11),
		Subject:      pkix.Name{Country: []string{"IT"}, Organization: []string{aurora}, CommonName: aurora},
		NotBefore:    time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		EmailAddresses:        []string{"posta-certificata@gestore.aurora.example"},
		SubjectKeyId:          []byte{1, 2, 3, 4, 5, 6, 7, 8},
		CRLDistributionPoints: []string{"http://ca.example/crl"},
		OCSPServer:            []string{"http://ca.example/ocsp"},
		PolicyIdentifiers:     []asn1.ObjectIdentifier{{1, 3, 76, 16, 3, 1, 1}},
		Policies:              []x509.OID{mustOID(1, 3, 76, 16, 3, 1, 1)},
	}
}

func mustOID(arcs ...uint64) x509.OID {
	oid, err := x509.OIDFromInts(arcs)
	if err != nil {
		panic(err)
	}
	return oid
}

// issue makes a certificate of the standard CA from the template, with the key
// of Aurora when there is one already: making keys is slow.
func (k *testKeys) issue(profile *x509.Certificate) *smime.Signer {
	var key *rsa.PrivateKey
	if k.aurora != nil && profile.SerialNumber.Cmp(big.NewInt(12)) != 0 {
		key = k.aurora.Key.(*rsa.PrivateKey)
	} else {
		key = newKey()
	}
	return k.issueTo(profile, key)
}

// issueTo is issue with a key of the caller's.
func (k *testKeys) issueTo(profile *x509.Certificate, key crypto.Signer) *smime.Signer {
	der, err := x509.CreateCertificate(rand.Reader, profile, k.authority, key.Public(), k.authorityKey)
	if err != nil {
		panic(err)
	}
	return &smime.Signer{Certificate: mustCertificate(der), Chain: []*x509.Certificate{k.authority}, Key: key, Digest: crypto.SHA256}
}

// unconstrained is the same CA, certified without name constraints.
func (k *testKeys) unconstrained() *x509.Certificate { return newAuthority(k.authorityKey) }

func newAuthority(key *rsa.PrivateKey, permitted ...string) *x509.Certificate {
	profile := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{Country: []string{"IT"}, Organization: []string{"Authority"}, CommonName: "PEC CA 1"},
		NotBefore:    time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2034, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		PermittedEmailAddresses: permitted,
	}
	der, err := x509.CreateCertificate(rand.Reader, profile, profile, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return mustCertificate(der)
}

// crl returns a list, PEM, that revokes these serial numbers since 1/1/2026. It
// signs each list once: hundreds of trials have the same one.
func (k *testKeys) crl(serials ...int64) []byte {
	if list, made := k.lists.Load(fmt.Sprint(serials)); made {
		return bytes.Clone(list.([]byte))
	}
	var entries []x509.RevocationListEntry
	for _, s := range serials {
		entries = append(entries, x509.RevocationListEntry{SerialNumber: big.NewInt(s), RevocationTime: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), RevokedCertificateEntries: entries,
		ThisUpdate: time.Date(2026, 1, 14, 0, 0, 0, 0, time.UTC), NextUpdate: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC),
	}, k.authority, k.authorityKey)
	if err != nil {
		panic(err)
	}
	list := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
	k.lists.Store(fmt.Sprint(serials), list)
	return bytes.Clone(list)
}

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func mustCertificate(der []byte) *x509.Certificate {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return c
}
