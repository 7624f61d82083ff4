package authority

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// The parts of a certificate (RFC 5280 4.1); what is not touched is kept as it
// came.
type certificateParts struct {
	Signed    asn1.RawValue
	Algorithm pkix.AlgorithmIdentifier
	Value     asn1.BitString
}

type signedParts struct {
	Version   int `asn1:"optional,explicit,tag:0"`
	Serial    asn1.RawValue
	Algorithm asn1.RawValue
	Issuer    asn1.RawValue
	Validity  asn1.RawValue
	Subject   asn1.RawValue
	Key       asn1.RawValue
	Extension asn1.RawValue `asn1:"optional,explicit,tag:3"`
}

// versionOne makes a certificate one of X.509 version 1: without a version and
// without extensions, which came with version 3. Package x509 writes no such
// thing. issuer is the RSA key of who issued it.
func versionOne(c *x509.Certificate, issuer crypto.Signer) (*x509.Certificate, error) {
	var whole certificateParts
	if _, err := asn1.Unmarshal(c.Raw, &whole); err != nil {
		return nil, fmt.Errorf("authority: read back a certificate: %w", err)
	}
	var parts signedParts
	if _, err := asn1.Unmarshal(c.RawTBSCertificate, &parts); err != nil {
		return nil, fmt.Errorf("authority: read back a certificate: %w", err)
	}
	parts.Version, parts.Extension = 0, asn1.RawValue{}
	signed, err := asn1.Marshal(parts)
	if err != nil {
		return nil, fmt.Errorf("authority: write a certificate of version 1: %w", err)
	}
	digest := sha256.Sum256(signed)
	value, err := issuer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("authority: sign a certificate of version 1: %w", err)
	}
	whole.Signed, whole.Value = asn1.RawValue{FullBytes: signed}, asn1.BitString{Bytes: value, BitLength: 8 * len(value)}
	der, err := asn1.Marshal(whole)
	if err != nil {
		return nil, fmt.Errorf("authority: write a certificate of version 1: %w", err)
	}
	return x509.ParseCertificate(der)
}
