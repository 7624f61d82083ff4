package authority

import (
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// truth is the result of a filter: RFC 4511 4.5.1.7 has three.
type truth int

const (
	no truth = iota
	undefined
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// matches evaluates a compiled filter on an entry. exactCase is for a faulty
// server that forgets which attributes ignore case.
func matches(f *ber.Packet, e entry, exactCase bool) truth {
	switch f.Tag {
	case ldap.FilterAnd:
		all := yes
		for _, child := range f.Children {
			all = min(all, matches(child, e, exactCase))
		}
		return all
	case ldap.FilterOr:
		any := no
		for _, child := range f.Children {
			any = max(any, matches(child, e, exactCase))
		}
		return any
	case ldap.FilterNot:
		if len(f.Children) != 1 {
			return undefined
		}
		return yes - matches(f.Children[0], e, exactCase)
	case ldap.FilterPresent:
		name := ber.DecodeString(f.Data.Bytes())
		if t := typeOf(name); t != nil {
			return truthOf(len(e.values(t.name)) > 0)
		}
		return truthOf(len(e.values(name)) > 0)
	case ldap.FilterEqualityMatch, ldap.FilterApproxMatch:
		return equality(f, e, exactCase)
	case ldap.FilterSubstrings:
		return substrings(f, e, exactCase)
	}
	return undefined // no attribute here has an ordering rule, and extensible matches are not known
}

func equality(f *ber.Packet, e entry, exactCase bool) truth {
	if len(f.Children) != 2 {
		return undefined
	}
	t := typeOf(ber.DecodeString(f.Children[0].Data.Bytes()))
	if t == nil || t.equality == noMatching {
		return undefined
	}
	asserted := ber.DecodeString(f.Children[1].Data.Bytes())
	if t.name == "objectClass" && classOIDs[asserted] != "" {
		asserted = classOIDs[asserted]
	}
	for _, v := range e.values(t.name) {
		if t.prepared(v, exactCase) == t.prepared(asserted, exactCase) {
			return yes
		}
	}
	return no
}

func substrings(f *ber.Packet, e entry, exactCase bool) truth {
	if len(f.Children) != 2 {
		return undefined
	}
	t := typeOf(ber.DecodeString(f.Children[0].Data.Bytes()))
	if t == nil || !t.substrings {
		return undefined
	}
	for _, v := range e.values(t.name) {
		if contains(t, t.prepared(v, exactCase), f.Children[1].Children, exactCase) {
			return yes
		}
	}
	return no
}

// contains finds the pieces one after the other.
func contains(t *attributeType, value string, pieces []*ber.Packet, exactCase bool) bool {
	for _, piece := range pieces {
		wanted := ber.DecodeString(piece.Data.Bytes())
		if t.equality == ignoreCase && !exactCase {
			wanted = strings.ToLower(wanted)
		}
		switch piece.Tag {
		case ldap.FilterSubstringsInitial:
			if !strings.HasPrefix(value, wanted) {
				return false
			}
			value = value[len(wanted):]
		case ldap.FilterSubstringsFinal:
			return strings.HasSuffix(value, wanted)
		default:
			at := strings.Index(value, wanted)
			if at < 0 {
				return false
			}
			value = value[at+len(wanted):]
		}
	}
	return true
}

// prepared is a value as its matching rule compares it: insignificant blanks are
// one (RFC 4518 2.6.1), and case is left aside where the rule says so.
func (t *attributeType) prepared(v string, exactCase bool) string {
	v = strings.Join(strings.Fields(v), " ")
	if t.equality == ignoreCase && !exactCase {
		v = strings.ToLower(v)
	}
	return v
}

// values of an attribute type, whatever its case and options.
func (e entry) values(name string) []string {
	var all []string
	for _, a := range e.attributes {
		kind, _, _ := strings.Cut(a.name, ";")
		if strings.EqualFold(kind, name) {
			all = append(all, a.value)
		}
	}
	return all
}
