package authority

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// crlLife is how long a CRL is good for.
const crlLife = 24 * time.Hour

// Revoke puts a certificate on the CRL, at once.
func (a *Authority) Revoke(c *x509.Certificate) error {
	if c == nil {
		return errors.New("authority: expected a certificate to revoke, found none")
	}
	if a.faults.On("revocation-not-republished") {
		return nil
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.revoke(c)
	return nil
}

func (a *Authority) isRevoked(c *x509.Certificate) bool {
	return slices.ContainsFunc(a.revoked, func(e x509.RevocationListEntry) bool { return e.SerialNumber.Cmp(c.SerialNumber) == 0 })
}

func (a *Authority) revoke(c *x509.Certificate) {
	if a.isRevoked(c) {
		return
	}
	const keyCompromise = 1
	a.revoked = append(a.revoked, x509.RevocationListEntry{
		SerialNumber:   c.SerialNumber,
		RevocationTime: a.now().Add(-time.Minute).UTC(), // before anything it signs from now on
		ReasonCode:     keyCompromise,
	})
	a.crl = nil
}

// RevocationList is the CRL at now: the same one until it runs out or somebody
// is revoked.
func (a *Authority) RevocationList() (*x509.RevocationList, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	now := a.now()
	if a.crl != nil && now.Before(a.crl.ThisUpdate.Add(crlLife)) {
		return a.crl, nil
	}
	var list *x509.RevocationList
	var err error
	if a.number > 0 || a.faults != nil {
		list, err = a.makeList()
	} else {
		list, err = a.firstList(now, a.revoked, a.makeList)
	}
	if err != nil {
		return nil, err
	}
	a.crl, a.number = list, list.Number.Int64()
	return list, nil
}

// makeList signs the next list.
func (a *Authority) makeList() (*x509.RevocationList, error) {
	now := a.now()
	a.number++
	der, err := x509.CreateRevocationList(a.config.Random, &x509.RevocationList{
		Number:                    big.NewInt(a.number),
		ThisUpdate:                now.Add(-time.Minute),
		NextUpdate:                now.Add(crlLife),
		RevokedCertificateEntries: a.revoked,
	}, a.certificate, a.key)
	if err != nil {
		return nil, fmt.Errorf("authority: signing the revocation list: %w", err)
	}
	if der, err = a.asRevocation(der); err != nil {
		return nil, fmt.Errorf("authority: signing the revocation list: %w", err)
	}
	return x509.ParseRevocationList(der)
}

// RevocationListPEM is the CRL at now, in PEM.
func (a *Authority) RevocationListPEM() ([]byte, error) {
	list, err := a.RevocationList()
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: list.Raw}), nil
}
