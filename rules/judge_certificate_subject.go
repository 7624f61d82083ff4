package rules

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"
)

// attributeLimits are the upper bounds of RFC 5280 appendix A, in characters,
// by the last arc of the attribute type under 2.5.4.
var attributeLimits = map[int]struct {
	name  string
	limit int
}{
	3: {"commonName", 64}, 4: {"surname", 40}, 5: {"serialNumber", 64}, 6: {"countryName", 2},
	7: {"localityName", 128}, 8: {"stateOrProvinceName", 128}, 10: {"organizationName", 64},
	11: {"organizationalUnitName", 64}, 12: {"title", 64}, 42: {"givenName", 16}, 46: {"dnQualifier", 64}, 65: {"pseudonym", 128},
}

// directoryString tags that RFC 5280 4.1.2.4 lets a CA use: PrintableString
// and UTF8String; the other choices are for compatibility only and are read.
var directoryStrings = []int{asn1.TagPrintableString, asn1.TagUTF8String, asn1.TagT61String, asn1.TagBMPString, tagUniversalString}

const tagUniversalString = 28

var printable = regexp.MustCompile(`^[A-Za-z0-9 '()+,\-./:=?]*$`)

type rawAttribute struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

func judgeSubjectEncoding(_ *View, _ *Message, c *x509.Certificate, where Where, f *Findings) {
	const expected = "subject attributes as RFC 5280 encodes them"
	// Set members: the order inside a relative name does not matter here.
	var subject []asn1.RawValue
	if _, err := asn1.Unmarshal(c.RawSubject, &subject); err != nil {
		f.Broken(where, expected, err.Error())
		return
	}
	for _, set := range subject {
		for rest := set.Bytes; len(rest) > 0; {
			var a rawAttribute
			var err error
			if rest, err = asn1.Unmarshal(rest, &a); err != nil {
				f.Broken(where, expected, err.Error())
				return
			}
			if flaw := attributeFlaw(a); flaw != "" {
				f.Broken(where, expected, flaw)
				return
			}
		}
	}
	f.Holds(where, c.Subject.String())
}

// attributeFlaw says what is wrong with one attribute, "" when nothing.
func attributeFlaw(a rawAttribute) string {
	if len(a.Type) != 4 || !a.Type[:3].Equal(asn1.ObjectIdentifier{2, 5, 4}) {
		return "" // emailAddress is PEC-CRT-003; others have types of their own
	}
	bound, known := attributeLimits[a.Type[3]]
	if !known {
		return ""
	}
	text := string(a.Value.Bytes)
	switch a.Type[3] {
	case 5, 6, 46: // PrintableString only
		if a.Value.Tag != asn1.TagPrintableString {
			return fmt.Sprintf("%s is no PrintableString (tag %d)", bound.name, a.Value.Tag)
		}
	default:
		if !slices.Contains(directoryStrings, a.Value.Tag) {
			return fmt.Sprintf("%s has the string type %d", bound.name, a.Value.Tag)
		}
	}
	length := utf8.RuneCountInString(text)
	switch a.Value.Tag {
	case asn1.TagPrintableString:
		if !printable.MatchString(text) {
			return fmt.Sprintf("%s %q holds characters that a PrintableString cannot", bound.name, text)
		}
	case asn1.TagUTF8String:
		if !utf8.ValidString(text) {
			return bound.name + " is no UTF-8"
		}
	case asn1.TagBMPString:
		length = len(text) / 2
	case tagUniversalString:
		length = len(text) / 4
	case asn1.TagT61String:
		length = len(text)
	}
	if a.Type[3] == 6 && length != 2 {
		return fmt.Sprintf("countryName %q is no two-letter code", text)
	}
	if length == 0 || length > bound.limit {
		return fmt.Sprintf("%s has %d characters, the limit is %d", bound.name, length, bound.limit)
	}
	return ""
}
