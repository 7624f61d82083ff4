package conformance

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

// maxSeal bounds a signature or a time stamp, with the certificates inside.
const maxSeal = 1 << 20

// signatures looks at the CMS signature over the manifest and the time stamp over
// the signature, each where it is there. With nobody named to trust it says who
// signed and not whether that means anything.
func (v *Verified) signatures(dir string, checked *evidence.Checked, o VerifyOptions) error {
	signed, err := readSeal(dir, evidence.SignatureFile)
	if err != nil {
		return unreadable(err)
	}
	stamped, err := readSeal(dir, evidence.TimestampFile)
	if err != nil {
		return unreadable(err)
	}
	switch {
	case signed == nil && stamped != nil:
		v.add(Finding{File: evidence.TimestampFile, What: "is there without the signature that it is over"})
		return nil
	case signed == nil && o.Trust != nil:
		v.add(Finding{File: evidence.SignatureFile, What: "is missing: the run folder is signed by nobody, and a certificate was named that it must lead to"})
		return nil
	case signed == nil:
		return nil
	case checked.Manifest == nil: // half of one is none: the run was signed, and that is not to be lost by a new name
		v.add(Finding{File: evidence.SignatureFile, What: "is there without a manifest that it could be over: the run was signed, and its manifest is not there"})
		return nil
	}
	at := o.Now
	if stamped != nil {
		token, authority, err := readTimestamp(stamped, signed)
		if err == nil && o.Trust != nil {
			err = leadsTo(authority, token.Certificates, o.Trust, token.Time, x509.ExtKeyUsageTimeStamping)
		}
		if err != nil {
			v.add(Finding{File: evidence.TimestampFile, What: "does not hold: " + err.Error()})
			return nil //nolint:nilerr // it is a finding, and no trouble of the verification
		}
		at = token.Time
		v.Timestamp = fmt.Sprintf("%s, by %s%s", legalInstant(token.Time), nameOf(authority), trustWords(o.Trust))
	}
	signature, err := smime.Verify(checked.Encoded, signed)
	if err == nil && signature.TrailingBytes > 0 {
		err = fmt.Errorf("%d octets follow it", signature.TrailingBytes)
	}
	if err == nil {
		err = vouched(signature)
	}
	if err == nil && o.Trust != nil {
		err = leadsTo(signature.Certificate, signature.Certificates, o.Trust, at, x509.ExtKeyUsageAny)
	}
	if err != nil {
		v.add(Finding{File: evidence.SignatureFile, What: "does not hold: " + err.Error()})
		return nil //nolint:nilerr // as above
	}
	v.Signature = nameOf(signature.Certificate) + trustWords(o.Trust)
	return nil
}

// vouched refuses a certificate whose own signature is wrong where that can be
// seen: of one that signed itself, or whose issuer is inside.
func vouched(signature *smime.Signature) error {
	for _, c := range signature.Certificates {
		i := slices.IndexFunc(signature.Certificates, func(issuer *x509.Certificate) bool {
			return bytes.Equal(issuer.RawSubject, c.RawIssuer)
		})
		if i < 0 {
			continue
		}
		issuer := signature.Certificates[i]
		if err := issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature); err != nil {
			return fmt.Errorf("the certificate of %s was not issued by %s: %w", nameOf(c), nameOf(issuer), err)
		}
	}
	return nil
}

// readSeal reads a file of the seal; nil: there is none.
func readSeal(dir, name string) ([]byte, error) {
	octets, err := evidence.ReadPlain(filepath.Join(dir, name), maxSeal)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case errors.Is(err, evidence.ErrNotPlain), errors.Is(err, evidence.ErrTooLarge):
		return []byte{}, nil // it holds no signature, which is said where it is looked at
	}
	return octets, err
}

// readTimestamp reads the answer of a time stamping authority (RFC 3161 2.4.2) and
// tells whether it is over these octets. Whom to trust is not its matter.
func readTimestamp(answer, over []byte) (token *timestamp.Timestamp, authority *x509.Certificate, err error) {
	defer func() {
		if p := recover(); p != nil { // the library reads what came from outside
			token, authority, err = nil, nil, fmt.Errorf("it cannot be read: %v", p)
		}
	}()
	if token, err = timestamp.ParseResponse(answer); err != nil {
		return nil, nil, fmt.Errorf("it is no answer of a time stamping authority (RFC 3161) that can be used: %w", err)
	}
	if !token.HashAlgorithm.Available() {
		return nil, nil, fmt.Errorf("it is over a digest that cannot be computed: %s", token.HashAlgorithm)
	}
	digest := token.HashAlgorithm.New()
	digest.Write(over)
	if !bytes.Equal(digest.Sum(nil), token.HashedMessage) {
		return nil, nil, fmt.Errorf("it is not over %s", evidence.SignatureFile)
	}
	signature, err := smime.Parse(token.RawToken)
	if err != nil {
		return nil, nil, err
	}
	authority = signature.Certificate
	switch {
	case signature.Signers != 1 || authority == nil: // without it the library has not checked the signature
		return nil, nil, errors.New("the certificate of its one signer is not inside")
	case !slices.Contains(authority.ExtKeyUsage, x509.ExtKeyUsageTimeStamping):
		return nil, nil, fmt.Errorf("the certificate of %s is none for time stamps (RFC 3161 2.3)", nameOf(authority))
	}
	return token, authority, nil
}

// leadsTo tells whether a certificate leads to one that was named, at an instant.
func leadsTo(c *x509.Certificate, beside []*x509.Certificate, trust *x509.CertPool, at time.Time, use x509.ExtKeyUsage) error {
	between := x509.NewCertPool()
	for _, one := range beside {
		between.AddCert(one)
	}
	if _, err := c.Verify(x509.VerifyOptions{Roots: trust, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{use}}); err != nil {
		return fmt.Errorf("the certificate of %s does not lead to those that were named to be trusted, at %s: %w", nameOf(c), legalInstant(at), err)
	}
	return nil
}

func nameOf(c *x509.Certificate) string {
	if name := c.Subject.String(); name != "" {
		return fmt.Sprintf("%q", name)
	}
	return "the holder of certificate " + c.SerialNumber.String()
}

func trustWords(trust *x509.CertPool) string {
	if trust == nil {
		return "; nobody was named to trust"
	}
	return ", which leads to a certificate that was named"
}

func legalInstant(t time.Time) string { return t.In(pec.Zone()).Format("2 January 2006, 15:04:05 MST") }
