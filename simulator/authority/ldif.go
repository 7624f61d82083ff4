package authority

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// DirectoryLDIF is the directory at now: the root and a record per provider,
// with the attributes of RFC 6109 4.5, in order of registration.
func (a *Authority) DirectoryLDIF() ([]byte, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	var out ldif
	out.text("dn", "o=postacert")
	out.text("objectclass", "top")
	out.text("objectclass", "organization")
	out.text("objectClass", "LDIFLocationURLObject")
	out.text("o", "postacert")
	out.text("LDIFLocationURL", a.config.DirectoryAddress)
	out.text("description", "Indice dei gestori di posta elettronica certificata (simulato)")
	for _, r := range a.records {
		out.WriteString("\n")
		out.record(r)
	}
	return out.Bytes(), nil
}

// ldif writes RFC 2849.
type ldif struct{ bytes.Buffer }

func (out *ldif) record(r *record) {
	p := r.provider
	dn := "providerName=" + escapeDN(p.Name) + ",o=postacert"
	if p.Unit != "" {
		dn = "providerUnit=" + escapeDN(p.Unit) + "," + dn
	}
	out.text("dn", dn)
	out.text("objectclass", "top")
	out.text("objectclass", "provider")
	out.text("providerName", p.Name)
	if p.Unit != "" {
		out.text("providerUnit", p.Unit)
	}
	for _, c := range r.listed {
		digest := sha1.Sum(c.Raw)
		out.text("providerCertificateHash", strings.ToUpper(hex.EncodeToString(digest[:])))
	}
	for _, c := range r.listed {
		out.octets("providerCertificate;binary", c.Raw)
	}
	out.text("mailReceipt", p.MailReceipt)
	if p.LDIFAddress != "" && p.Unit == "" { // secondary environments must not have it, RFC 6109 4.5.6
		out.text("LDIFLocationURL", p.LDIFAddress)
	}
	for _, domain := range p.Domains {
		out.text("managedDomains", domain)
	}
	if p.Description != "" {
		out.text("description", p.Description)
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
