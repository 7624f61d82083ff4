package authority

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// crlLife is how long a CRL is good for.
const crlLife = 24 * time.Hour

// Revoke puts a certificate on the CRL, at once.
func (a *Authority) Revoke(c *x509.Certificate) error {
	if c == nil {
		return errors.New("authority: expected a certificate to revoke, found none")
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.revoke(c)
	return nil
}

func (a *Authority) revoke(c *x509.Certificate) {
	for _, entry := range a.revoked {
		if entry.SerialNumber.Cmp(c.SerialNumber) == 0 {
			return
		}
	}
	const keyCompromise = 1
	a.revoked = append(a.revoked, x509.RevocationListEntry{
		SerialNumber:   c.SerialNumber,
		RevocationTime: a.config.Now().Add(-time.Minute).UTC(), // before anything it signs from now on
		ReasonCode:     keyCompromise,
	})
	a.crl = nil
}

// RevocationList is the CRL at now: the same one until it runs out or somebody
// is revoked.
func (a *Authority) RevocationList() (*x509.RevocationList, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	now := a.config.Now()
	if a.crl != nil && now.Before(a.crl.NextUpdate) {
		return a.crl, nil
	}
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
	a.crl, err = x509.ParseRevocationList(der)
	return a.crl, err
}

// RevocationListPEM is the CRL at now, in PEM.
func (a *Authority) RevocationListPEM() ([]byte, error) {
	list, err := a.RevocationList()
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: list.Raw}), nil
}
