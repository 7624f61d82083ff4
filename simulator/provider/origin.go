package provider

import (
	"crypto/x509"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
)

// preferOriginal sees to it that the original is the part called as it has to
// be: parts of other services, in any order, may be messages too.
func preferOriginal(m *pec.Message) {
	for _, part := range m.OriginalParts {
		if part.Enclosed != nil && strings.EqualFold(part.FileName(), "postacert.eml") {
			m.Original = part.Enclosed
			return
		}
	}
}

// readSignature verifies the detached signature over the first part. Where it
// does not hold the certificate is still read: which check fails is told by
// the checks. A signature that encloses its content is not the form of certified
// mail, but tells who sent it.
func (a *arrival) readSignature(known *smime.Certificates) {
	m := a.message
	switch mediaType, _ := m.Root.MediaType(); {
	case m.Signed != nil && m.SignaturePart != nil && len(m.Root.Parts) == 2:
		der, err := m.SignaturePart.Decoded()
		if err != nil {
			return
		}
		if a.signature, a.invalid = known.Verify(m.Signed.Raw(), der); a.invalid != nil {
			a.signature, _ = smime.Parse(der)
		}
	case mediaType == "application/pkcs7-mime" || mediaType == "application/x-pkcs7-mime":
		der, err := m.Root.Decoded()
		if err != nil {
			return
		}
		var content []byte
		if content, a.signature, a.invalid = smime.Open(der); a.signature != nil {
			a.opaque = append([]byte{}, content...)
		}
	}
	if a.signature != nil && a.signature.Certificate == nil {
		a.signature = nil
	}
}

// lists tells whether the record holds this very certificate.
func lists(r *directory.Record, c *x509.Certificate) bool {
	return slices.ContainsFunc(r.Certificates, c.Equal)
}

// signerRecord is the directory record of a certificate: where several list its
// hash, the one that holds it and manages the domain of From, else one that
// holds it.
func signerRecord(records []*directory.Record, c *x509.Certificate, from string) *directory.Record {
	var best *directory.Record
	rank := 0
	for _, r := range records {
		own := 1
		if lists(r, c) {
			own += 2
		}
		if r.Manages(domainOf(from)) {
			own++
		}
		if own > rank {
			best, rank = r, own
		}
	}
	return best
}
