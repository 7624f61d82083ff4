package authority

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// TimeStamping issues the certificate of a time-stamp authority (RFC 3161 2.3)
// and gives its key: for the saved logs of the world's providers. It is valid as
// long as the CA, whatever the instant at which it is first asked for.
func (a *Authority) TimeStamping() (*x509.Certificate, crypto.Signer, error) {
	key, err := a.config.Keys.Transport("time-stamping")
	if err != nil {
		return nil, nil, err
	}
	const name = "time-stamping"
	if c, _, ok := a.kept(name, a.certificate.NotBefore, key, a.key.Public()); ok && c.NotAfter.Equal(a.certificate.NotAfter) {
		return c, key, nil
	}
	serial, err := a.serial()
	if err != nil {
		return nil, nil, err
	}
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}) // timeStamping, and alone
	if err != nil {
		return nil, nil, fmt.Errorf("authority: the usage of a time-stamp certificate: %w", err)
	}
	certificate, err := a.sign(&x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{Country: []string{"IT"}, Organization: []string{"Simulatore Collaudo"}, CommonName: "Marche Temporali Simulate"},
		NotBefore:    a.certificate.NotBefore,
		NotAfter:     a.certificate.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		SubjectKeyId: keyIdentifier(key),
		ExtraExtensions: []pkix.Extension{
			{Id: oidExtendedKeyUsage, Critical: true, Value: usage},
		},
	}, a.certificate, key, a.key)
	if err != nil {
		return nil, nil, err
	}
	return certificate, key, a.keep(name, certificate, a.certificate.NotBefore)
}
