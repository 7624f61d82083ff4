package pec

import (
	"fmt"
	"io"
	"mime"
	"net/mail"
	"strings"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// escaped fits text between quotes; joined takes off blanks around an at sign.
var (
	escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	joined  = strings.NewReplacer("@ ", "@", " @", "@")
)

// Address is one mailbox of a header field (RFC 5322 3.4).
type Address struct {
	Name   string // display name, encoded words decoded; the comment after a bare address (RFC 822 custom); "" when absent
	Local  string // local part, unquoted
	Domain string // as written
}

// String returns local@domain, the local part quoted where it must be.
func (a Address) String() string {
	local := a.Local
	if !isDotAtom(local) {
		local = `"` + escaped.Replace(local) + `"`
	}
	return local + "@" + a.Domain
}

// maxAddressBytes bounds an address field; 5,000 recipients fit.
const maxAddressBytes = 1 << 20

// ParseAddress reads exactly one mailbox, folded or not, with comments, with a
// display name quoted or in encoded words, or bare.
func ParseAddress(s string) (Address, error) {
	all, err := ParseAddressList(s)
	switch {
	case err != nil:
		return Address{}, err
	case len(all) != 1:
		return Address{}, fmt.Errorf("pec: expected exactly one address, got %d in %q", len(all), shorten(s))
	}
	return all[0], nil
}

// ParseAddressList reads the value of an address field: mailboxes and groups,
// whose members are listed in order. A group without members is an empty list
// and no error.
func ParseAddressList(s string) ([]Address, error) {
	if len(s) > maxAddressBytes {
		return nil, fmt.Errorf("pec: expected an address field of at most %d octets, got %d", maxAddressBytes, len(s))
	}
	if bare, ok := bareAddress(s); ok {
		return []Address{bare}, nil
	}
	// Octets that are no UTF-8 (raw ISO-8859-1 in a display name) must not cost
	// the address beside them.
	text := strings.ToValidUTF8(rawmime.Unfold(s), "\uFFFD")
	if strings.TrimSpace(text) == "" {
		return nil, fmt.Errorf("pec: expected an address, got none")
	}
	parser := mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: anyCharset}}
	parsed, err := parser.ParseList(text)
	if err != nil {
		// The library knows comments only between words.
		if bare := withoutComments(text); bare != text {
			parsed, err = parser.ParseList(bare)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("pec: expected addresses of RFC 5322, got %q: %w", shorten(s), err)
	}
	addresses := make([]Address, 0, len(parsed))
	for _, a := range parsed {
		local, domain := cutAddress(a.Address)
		addresses = append(addresses, Address{Name: a.Name, Local: local, Domain: domain})
	}
	return addresses, nil
}

// bareAddress reads what is nothing but local@domain, both dot-atoms: most of
// what is asked for, and not worth a parser.
func bareAddress(s string) (a Address, ok bool) {
	local, domain, ok := strings.Cut(strings.Trim(s, " \t"), "@")
	if !ok || !isASCII(s) || !isDotAtom(local) || !isDotAtom(domain) {
		return Address{}, false
	}
	return Address{Local: local, Domain: domain}, true
}

// withoutComments removes comments, and the white space around them, wherever
// they stand outside quoted strings (RFC 5322 3.2.2).
func withoutComments(s string) string {
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && (quoted || depth > 0):
			if depth == 0 {
				b.WriteString(s[i : i+2])
			}
			i++
			continue
		case depth == 0 && c == '"':
			quoted = !quoted
		case !quoted && c == '(':
			depth++
			continue
		case depth > 0:
			if c == ')' {
				depth--
			}
			continue
		}
		b.WriteByte(c)
	}
	return joined.Replace(b.String())
}

// anyCharset turns an encoded word's octets to UTF-8; unknown charsets are
// shown as ISO-8859-1, since a display name must not cost the address.
func anyCharset(charset string, input io.Reader) (io.Reader, error) {
	content, err := io.ReadAll(input)
	if err != nil {
		return nil, err
	}
	text, _ := rawmime.ToUTF8(content, charset)
	return strings.NewReader(text), nil
}

// SameAddress compares two bare addresses: the domain without regard to case,
// the local part exactly (RFC 5321 2.4). Angle brackets and white space around
// them do not count.
func SameAddress(a, b string) bool {
	localA, domainA := cutAddress(BareAddress(a))
	localB, domainB := cutAddress(BareAddress(b))
	return unquoteLocal(localA) == unquoteLocal(localB) && strings.EqualFold(domainA, domainB)
}

// BareAddress takes white space and one pair of angle brackets off.
func BareAddress(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">") {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return s
}

// cutAddress splits at the last at-sign: a quoted local part may hold one.
func cutAddress(s string) (local, domain string) {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		return s[:at], s[at+1:]
	}
	return s, ""
}

func unquoteLocal(local string) string {
	if len(local) < 2 || local[0] != '"' || local[len(local)-1] != '"' {
		return local
	}
	var b strings.Builder
	for i := 1; i < len(local)-1; i++ {
		if local[i] == '\\' && i+2 < len(local) {
			i++
		}
		b.WriteByte(local[i])
	}
	return b.String()
}

func isDotAtom(s string) bool {
	if s == "" || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] == 0x7F || strings.IndexByte(`()<>[]:;@\,"`, s[i]) >= 0 {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] > 0x7F {
			return false
		}
	}
	return true
}

func shorten(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}
