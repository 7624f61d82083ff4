package authority

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/faults"
)

// The named behaviours: what a faulty authority, or a provider in what it
// publishes about itself, does otherwise. Without faults each method gives back
// what it was given. A fault limited to a provider acts on that provider's
// record and file.

// of are the faults that concern a provider, in all its environments.
func (a *Authority) of(r *record) *faults.Set {
	return a.faults.For(domainOf(a.mainOf(r).provider.ServiceAddress))
}

// asConstrained is the certificate of the CA, limited to the names of the world.
func (s *shared) asConstrained(root *x509.Certificate) *x509.Certificate {
	if s.config.Faults.On("authority-without-constraints") {
		root.PermittedDNSDomainsCritical = false
		root.PermittedDNSDomains, root.PermittedEmailAddresses, root.PermittedIPRanges = nil, nil, nil
	}
	return root
}

// asPublished is what a provider's own file says of one of its environments.
func (a *Authority) asPublished(r *record, e entry) []entry {
	if r.provider.Unit != "" && a.of(r).On("file-without-secondary") {
		return nil
	}
	return []entry{e}
}

// asSigned is a provider's own file: signed by its key, with the content inside.
func (a *Authority) asSigned(r *record, content []byte, at time.Time) ([]byte, error) {
	set, signer := a.of(r), r.main
	switch {
	case set.On("file-not-signed"):
		return content, nil
	case set.On("file-detached"):
		return signer.Sign(content, at)
	case set.On("file-signed-by-another-key"):
		stranger, err := a.directorySigner(at)
		if err != nil {
			return nil, err
		}
		signer = stranger
	case set.On("file-not-utf-8"):
		content = append(bytes.Clone(bytes.TrimRight(content, "\n")), "\ndescription: Servizi di posta per citt\xe0\n"...)
	}
	der, err := signer.Enclose(content, at)
	if err == nil && set.On("file-in-ber") {
		der, err = inBER(der)
	}
	return der, err
}

// inBER writes the length of the outermost value the way BER allows and DER
// does not: as indefinite.
func inBER(der []byte) ([]byte, error) {
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil, err
	}
	return slices.Concat(der[:1], []byte{0x80}, outer.Bytes, []byte{0, 0}), nil
}

// asComplete is the signed complete directory.
func (a *Authority) asComplete(signer *smime.Signer, content []byte, at time.Time) ([]byte, error) {
	switch {
	case a.faults.On("complete-file-not-signed"):
		return content, nil
	case a.faults.On("complete-file-detached"):
		return signer.Sign(content, at)
	}
	der, err := signer.Enclose(content, at)
	if err == nil && a.faults.On("complete-file-in-ber") {
		der, err = inBER(der)
	}
	return der, err
}

// asDefined is a definition of the schema.
func (a *Authority) asDefined(definition string) string {
	if a.faults.On("directory-schema-other-identifiers") {
		definition = strings.Replace(definition, "1.3.6.1.4.1.16572.2.", "1.3.6.1.4.1.99999.2.", 1)
	}
	if a.faults.On("directory-schema-exact-case") {
		definition = strings.Replace(definition, "caseIgnoreIA5Match", "caseExactIA5Match", 1)
	}
	if a.faults.On("directory-schema-several-names") && strings.Contains(definition, "'providerName'") {
		definition = strings.Replace(definition, " SINGLE-VALUE", "", 1)
	}
	return definition
}

// asContentType is the media type of a file.
func (a *Authority) asContentType(behaviour, kind string) string {
	if a.faults.On(behaviour) {
		return "application/octet-stream"
	}
	return kind
}

// asRevocation is the revocation list, from what it is to say. x509 makes no
// list without nextUpdate, so that is taken out and what is left signed again.
func (a *Authority) asRevocation(der []byte) ([]byte, error) {
	if !a.faults.On("revocation-without-next-update") {
		return der, nil
	}
	var list struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	var said struct {
		Version             int
		Signature           pkix.AlgorithmIdentifier
		Issuer              asn1.RawValue
		ThisUpdate          time.Time
		NextUpdate          time.Time       `asn1:"optional"`
		RevokedCertificates []asn1.RawValue `asn1:"optional"`
		Extensions          asn1.RawValue   `asn1:"optional,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &list); err != nil {
		return nil, err
	}
	if _, err := asn1.Unmarshal(list.TBS.FullBytes, &said); err != nil {
		return nil, err
	}
	said.NextUpdate = time.Time{}
	tbs, err := asn1.Marshal(said)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(tbs)
	value, err := a.key.Sign(a.config.Random, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	list.TBS = asn1.RawValue{FullBytes: tbs}
	list.Signature = asn1.BitString{Bytes: value, BitLength: 8 * len(value)}
	return asn1.Marshal(list)
}
