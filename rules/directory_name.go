package rules

import (
	"net/url"
	"strings"

	"github.com/collaudo/collaudo/pec/directory"
)

// rdn is one relative name of a distinguished name (RFC 4514).
type rdn struct{ kind, value string }

// namesOf takes a distinguished name apart, leaf first; nil when it is none.
func namesOf(dn string) []rdn {
	var all []rdn
	var text strings.Builder
	part := rdn{}
	named := false
	for i := 0; i <= len(dn); i++ {
		switch {
		case i == len(dn) || dn[i] == ',':
			if !named {
				return nil
			}
			part.value = strings.TrimSpace(text.String())
			all = append(all, part)
			part, named = rdn{}, false
			text.Reset()
		case dn[i] == '=' && !named:
			part.kind, named = strings.TrimSpace(text.String()), true
			text.Reset()
		case dn[i] == '\\' && i+1 < len(dn):
			i++
			if b, ok := hexPair(dn[i:]); ok {
				text.WriteByte(b)
				i++
			} else {
				text.WriteByte(dn[i])
			}
		default:
			text.WriteByte(dn[i])
		}
	}
	return all
}

// hexPair reads the two hexadecimal digits that a text begins with.
func hexPair(s string) (byte, bool) {
	const digits = "0123456789abcdef"
	if len(s) < 2 {
		return 0, false
	}
	high, low := strings.IndexByte(digits, s[0]|0x20), strings.IndexByte(digits, s[1]|0x20)
	if high < 0 || low < 0 {
		return 0, false
	}
	return byte(high<<4 | low), true
}

// sameValue compares values as caseIgnoreMatch does: letter case and runs of
// white space do not count (RFC 4517 4.2.11).
func sameValue(a, b string) bool { return strings.EqualFold(fold(a), fold(b)) }

// isRoot tells the distinguished name of the base, o=postacert.
func isRoot(dn string) bool {
	names := namesOf(dn)
	return len(names) == 1 && strings.EqualFold(names[0].kind, "o") && sameValue(names[0].value, "postacert")
}

// inTree tells that a distinguished name consists of these kinds of name, leaf
// first, beneath o=postacert.
func inTree(names []rdn, kinds ...string) bool {
	if len(names) != len(kinds)+1 || !strings.EqualFold(names[len(kinds)].kind, "o") || !sameValue(names[len(kinds)].value, "postacert") {
		return false
	}
	for i, kind := range kinds {
		if !strings.EqualFold(names[i].kind, kind) {
			return false
		}
	}
	return true
}

// providerInPath returns the providerName of a distinguished name, "" when it
// has none.
func providerInPath(dn string) string {
	for _, n := range namesOf(dn) {
		if strings.EqualFold(n.kind, "providerName") {
			return n.value
		}
	}
	return ""
}

// providerOf returns whose entry it is, by its attribute or else by its path.
func providerOf(e *directory.Record) string {
	if e.ProviderName != "" {
		return e.ProviderName
	}
	return providerInPath(e.DN)
}

// isEntry tells an entry of a provider from the base and from strange ones.
func isEntry(e *directory.Record) bool {
	return !isRoot(e.DN) && (providerOf(e) != "" || hasClass(e, "provider"))
}

// isSecondary tells an entry of a secondary environment, by attribute or path.
func isSecondary(e *directory.Record) bool {
	names := namesOf(e.DN)
	return e.ProviderUnit != "" || len(e.Attributes["providerunit"]) > 0 || len(names) > 0 && strings.HasPrefix(strings.ToLower(names[0].kind), "providerunit")
}

func hasClass(e *directory.Record, class string) bool {
	for _, c := range e.Attributes["objectclass"] {
		if strings.EqualFold(strings.TrimSpace(c), class) {
			return true
		}
	}
	return false
}

// ldapQuery is what an LDAP URL asks for (RFC 4516); what it does not say is
// empty.
type ldapQuery struct {
	base, scope, filter string
	attributes          []string
}

func queryOf(address string) ldapQuery {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "ldap" && parsed.Scheme != "ldaps" {
		return ldapQuery{}
	}
	q := ldapQuery{base: strings.TrimPrefix(parsed.Path, "/")}
	fields := strings.Split(parsed.RawQuery, "?")
	for i := range fields {
		if plain, err := url.PathUnescape(fields[i]); err == nil {
			fields[i] = plain
		}
	}
	fields = append(fields, "", "", "")
	if fields[0] != "" {
		q.attributes = strings.Split(fields[0], ",")
	}
	q.scope, q.filter = strings.ToLower(fields[1]), fields[2]
	return q
}
