package steps

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// ldapWords says what a message of LDAP says (RFC 4511 4): its number, what it
// asks or answers, and of an entry one line for each attribute.
func ldapWords(message *ber.Packet) []string {
	head := fmt.Sprintf("message %d: ", number(part(message, 0)))
	op := part(message, 1)
	if op.ClassType != ber.ClassApplication {
		return []string{head + "no operation that LDAP knows"}
	}
	name := strings.ToLower(cmp.Or(ldap.ApplicationMap[uint8(op.Tag)], fmt.Sprintf("operation %d", op.Tag)))
	least := map[ber.Tag]int{ldap.ApplicationBindRequest: 3, ldap.ApplicationSearchRequest: 8, ldap.ApplicationSearchResultEntry: 2}[op.Tag]
	if len(op.Children) < least {
		return []string{head + name + ", of which parts are missing"}
	}
	switch op.Tag {
	case ldap.ApplicationBindRequest:
		return []string{head + bindWords(op)}
	case ldap.ApplicationUnbindRequest:
		return []string{head + "unbind"}
	case ldap.ApplicationSearchRequest:
		return searchWords(head, op)
	case ldap.ApplicationSearchResultEntry:
		return entryWords(head, op)
	case ldap.ApplicationSearchResultReference:
		return append([]string{head + "search reference"}, texts(op)...)
	case ldap.ApplicationAbandonRequest:
		return []string{head + fmt.Sprintf("abandon message %d", number(op))}
	case ldap.ApplicationExtendedRequest:
		return []string{head + "extended request " + text(part(op, 0))}
	}
	if len(op.Children) < 3 {
		return []string{head + name}
	}
	return resultWords(head+name, op)
}

// bindWords leaves out by what the client shows who it is.
func bindWords(op *ber.Packet) string {
	name := text(part(op, 1))
	if name == "" {
		name = "nobody"
	}
	how := part(op, 2)
	if how.Tag == 0 {
		return "bind as " + name + " with the password " + removed
	}
	return "bind as " + name + " by SASL " + text(part(how, 0)) + " " + removed
}

func searchWords(head string, op *ber.Packet) []string {
	filter, err := ldap.DecompileFilter(part(op, 6))
	if err != nil {
		filter = "(one that cannot be read)"
	}
	scope := number(part(op, 1))
	lines := []string{
		head + fmt.Sprintf("search request, base %q", text(part(op, 0))),
		"scope " + cmp.Or(ldap.ScopeMap[int(scope)], fmt.Sprint(scope)),
		"filter " + filter,
		"attributes " + cmp.Or(strings.Join(texts(part(op, 7)), " "), "all"),
	}
	if most, long := number(part(op, 3)), number(part(op, 4)); most > 0 || long > 0 {
		lines = append(lines, fmt.Sprintf("at most %d entries, %d seconds (0: no bound)", most, long))
	}
	return lines
}

func entryWords(head string, op *ber.Packet) []string {
	lines := []string{head + fmt.Sprintf("entry %q", text(part(op, 0)))}
	for _, attribute := range part(op, 1).Children {
		values := part(attribute, 1).Children
		for i, value := range values {
			if i == maxValues {
				lines = append(lines, fmt.Sprintf("%s: %d values more", text(part(attribute, 0)), len(values)-maxValues))
				break
			}
			lines = append(lines, text(part(attribute, 0))+": "+valueWords(value.ByteValue))
		}
		if len(values) == 0 {
			lines = append(lines, text(part(attribute, 0)))
		}
	}
	return lines
}

// Bounds of what is written of an attribute: the octets of a value, and how many
// values. All of them are in the entries that evidence keeps.
const (
	maxValue  = 120
	maxValues = 20
)

// valueWords is a short text itself, and of anything else its size and hash.
func valueWords(value []byte) string {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if len(value) <= maxValue && utf8.Valid(value) && strings.IndexFunc(string(value), unprintable) < 0 {
		return string(value)
	}
	return fmt.Sprintf("[%s, SHA-256 %x]", inOctets(int64(len(value))), sha256.Sum256(value))
}

// resultWords says how an operation ended: code, where it got to, and what the
// server says to it.
func resultWords(what string, op *ber.Packet) []string {
	code := number(part(op, 0))
	name := "a code that is not known"
	if code >= 0 && code <= 1<<16-1 && ldap.LDAPResultCodeMap[uint16(code)] != "" {
		name = ldap.LDAPResultCodeMap[uint16(code)]
	}
	lines := []string{fmt.Sprintf("%s: %d %s", what, code, name)}
	if matched := text(part(op, 1)); matched != "" {
		lines = append(lines, fmt.Sprintf("matched %q", matched))
	}
	if diagnostic := text(part(op, 2)); diagnostic != "" {
		lines = append(lines, "says: "+diagnostic)
	}
	return lines
}

// part is one of the parts of a packet; an empty one where there is none.
func part(of *ber.Packet, i int) *ber.Packet {
	if of == nil || i >= len(of.Children) || of.Children[i] == nil {
		return &ber.Packet{}
	}
	return of.Children[i]
}

func text(p *ber.Packet) string { return string(p.ByteValue) }

func texts(p *ber.Packet) []string {
	var all []string
	for _, child := range p.Children {
		all = append(all, text(child))
	}
	return all
}

func number(p *ber.Packet) int64 {
	n, err := ber.ParseInt64(p.ByteValue)
	if err != nil {
		return -1
	}
	return n
}

// inOctets writes a number of octets.
func inOctets(n int64) string {
	if n == 1 {
		return "1 octet"
	}
	return fmt.Sprintf("%d octets", n)
}
