package authority

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// ldif writes RFC 2849.
type ldif struct{ bytes.Buffer }

func (out *ldif) entry(e entry) {
	out.text("dn", e.dn)
	for _, a := range e.attributes {
		if a.binary {
			out.octets(a.name, []byte(a.value))
		} else {
			out.text(a.name, a.value)
		}
	}
}

// text writes a value as it is where RFC 2849 allows it, else in base64.
func (out *ldif) text(name, value string) {
	if !safe(value) {
		out.octets(name, []byte(value))
		return
	}
	out.line(name + ": " + value)
}

func (out *ldif) octets(name string, value []byte) {
	out.line(name + ":: " + base64.StdEncoding.EncodeToString(value))
}

// line folds at 76 columns.
func (out *ldif) line(s string) {
	const width = 76
	for len(s) > width {
		out.WriteString(s[:width] + "\n")
		s = " " + s[width:]
	}
	out.WriteString(s + "\n")
}

// safe tells a SAFE-STRING of RFC 2849 that also has no blank at its end.
func safe(s string) bool {
	if s == "" {
		return true
	}
	if strings.ContainsAny(s[:1], " :<") || strings.HasSuffix(s, " ") {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] == 0 || s[i] == '\n' || s[i] == '\r' || s[i] > 127 {
			return false
		}
	}
	return true
}

// escapeDN escapes an attribute value for a distinguished name (RFC 4514 2.4).
func escapeDN(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if strings.IndexByte(`,+"\<>;=`, c) >= 0 || c == '#' && i == 0 || c == ' ' && (i == 0 || i == len(s)-1) {
			out.WriteByte('\\')
		}
		out.WriteByte(c)
	}
	return out.String()
}
