package rules

import (
	"crypto/sha1" // the hash that the directory lists certificates by
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
)

// The certificates that an entry lists, and their hashes (RFC 6109 4.5, 4.5.1,
// 4.5.2).

var sha1Form = regexp.MustCompile(`^[0-9A-Fa-f]{40}$`)

// listedHashes returns the hashes of an entry in lower case, and the SHA-1 of
// the octets of its certificates.
func listedHashes(e *directory.Record) (listed, computed []string) {
	for _, h := range described(e, "providerCertificateHash") {
		listed = append(listed, strings.ToLower(strings.TrimSpace(h)))
	}
	for _, octets := range described(e, "providerCertificate") {
		computed = append(computed, hashOfCertificate([]byte(octets)))
	}
	return listed, computed
}

// hashOfCertificate returns what providerCertificateHash is, in lower case.
func hashOfCertificate(der []byte) string {
	sum := sha1.Sum(der)
	return hex.EncodeToString(sum[:])
}

// notIn returns what of a list is not in another.
func notIn(list, from []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(from, s) })
}

func judgeEntryHash(_ *View, _ *Reading, e *directory.Record, where Where, f *Findings) {
	listed, computed := listedHashes(e)
	if len(listed) == 0 || len(computed) == 0 {
		return // PEC-DIR-003
	}
	const expected = "the SHA-1 of the certificate, 40 hexadecimal digits"
	for _, h := range listed {
		if !sha1Form.MatchString(h) {
			f.Broken(where, expected, shown(h))
			return
		}
	}
	// A hash too many, or a certificate too many, is PEC-DIR-006.
	strange, unlisted := notIn(listed, computed), notIn(computed, listed)
	if len(strange) > 0 && len(unlisted) > 0 {
		f.Broken(where, expected+": "+strings.Join(unlisted, ", "), strings.Join(strange, ", "))
		return
	}
	f.Holds(where, strings.Join(listed, ", "))
}

// outerCertificate is Certificate of RFC 5280 4.1, down to what Go's reader may
// have reasons of its own to refuse.
type outerCertificate struct {
	Certificate, Algorithm asn1.RawValue
	Signature              asn1.BitString
}

func judgeEntryBinary(_ *View, _ *Reading, e *directory.Record, where Where, f *Findings) {
	const expected = "providerCertificate;binary with a certificate in DER"
	if values := e.Attributes["providercertificate"]; len(values) > 0 {
		f.Broken(where, expected, "providerCertificate without the option ;binary")
		return
	}
	values := e.Attributes["providercertificate;binary"]
	for _, octets := range values {
		var certificate asn1.RawValue
		rest, err := asn1.Unmarshal([]byte(octets), &certificate)
		switch {
		case err != nil:
			f.Broken(where, expected, "no DER: "+err.Error())
			return
		case len(rest) > 0:
			f.Broken(where, expected, fmt.Sprintf("%d octets follow the certificate", len(rest)))
			return
		case certificate.Tag != asn1.TagSequence || !certificate.IsCompound:
			f.Broken(where, expected, fmt.Sprintf("a value of another type (tag %d)", certificate.Tag))
			return
		}
		if _, err := asn1.Unmarshal([]byte(octets), new(outerCertificate)); err != nil {
			f.Broken(where, expected, "no certificate: "+err.Error())
			return
		}
		if _, err := x509.ParseCertificate([]byte(octets)); err != nil {
			f.Unable(where, "a reader for this certificate: "+err.Error())
			return
		}
	}
	if len(values) > 0 {
		f.Holds(where, fmt.Sprintf("%d in DER", len(values)))
	}
}

func judgeEntryRenewal(_ *View, _ *Reading, e *directory.Record, where Where, f *Findings) {
	listed, computed := listedHashes(e)
	if len(listed) < 2 && len(computed) < 2 {
		return
	}
	if strange, unlisted := notIn(listed, computed), notIn(computed, listed); len(strange)+len(unlisted) > 0 || len(listed) != len(computed) {
		seen := fmt.Sprintf("%d certificates and %d hashes", len(computed), len(listed))
		if len(strange) > 0 {
			seen += "; without certificate: " + strings.Join(strange, ", ")
		}
		if len(unlisted) > 0 {
			seen += "; without hash: " + strings.Join(unlisted, ", ")
		}
		f.Broken(where, "as many hashes as certificates, each with its own", seen)
		return
	}
	f.Holds(where, fmt.Sprintf("%d certificates, each with its hash", len(computed)))
}

// lastCall is how long before its end a certificate must have a successor in
// the directory: a day for the directory to take it up, and a day for all
// providers to fetch it (RFC 6109 4.5).
const lastCall = 48 * time.Hour

func judgeEntrySuccession(_ *View, r *Reading, e *directory.Record, where Where, f *Findings) {
	certificates := slices.Clone(e.Certificates)
	if len(certificates) == 0 || r.At.IsZero() {
		return
	}
	slices.SortFunc(certificates, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	last := certificates[len(certificates)-1]
	if last.NotAfter.Sub(r.At) < lastCall {
		f.Broken(where, "a certificate that follows the one that ends on "+legalTime(last.NotAfter), "none, on "+legalTime(r.At))
		return
	}
	for i, c := range certificates[:len(certificates)-1] {
		follower := certificates[i+1]
		for _, other := range certificates[i+1:] {
			if other.NotBefore.Before(follower.NotBefore) {
				follower = other
			}
		}
		if follower.NotBefore.After(c.NotAfter) {
			f.Broken(where, "a validity that overlaps the one before, which ends on "+legalTime(c.NotAfter), "it begins on "+legalTime(follower.NotBefore))
			return
		}
	}
	if len(certificates) > 1 {
		f.Holds(where, fmt.Sprintf("%d certificates that overlap, the last until %s", len(certificates), legalTime(last.NotAfter)))
	}
}
