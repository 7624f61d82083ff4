package authority

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
)

// base is where the directory hangs.
const base = "o=postacert"

// entry is one entry of the directory before it is written as LDIF or handed
// out over LDAP.
type entry struct {
	dn         string
	attributes []attribute
}

type attribute struct {
	name   string // attribute description
	value  string
	binary bool // octets, whatever they look like
}

func (e *entry) add(name, value string) {
	e.attributes = append(e.attributes, attribute{name: name, value: value})
}

// DirectoryLDIF is the directory at now: the root and a record per provider,
// with the attributes of RFC 6109 4.5, in order of registration. Where the
// central directory has applied a provider's own file, its records are what
// that file says.
func (a *Authority) DirectoryLDIF() ([]byte, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return bytes.Clone(a.ldif()), nil
}

// Edition grows whenever the directory says something else.
func (a *Authority) Edition() int64 {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.edition
}

// ldif must not be changed by who gets it.
func (a *Authority) ldif() []byte {
	if a.text == nil || a.textEdition != a.edition {
		a.text, a.textEdition = writeLDIF(a.entries()), a.edition
	}
	return a.text
}

// entries are the whole directory.
func (a *Authority) entries() []entry {
	root := entry{dn: base}
	root.add("objectclass", "top")
	root.add("objectclass", "organization")
	root.add("objectClass", "LDIFLocationURLObject")
	root.add("o", "postacert")
	root.add("LDIFLocationURL", a.location)
	root.add("description", "Indice dei gestori di posta elettronica certificata (simulato)")
	all := []entry{a.asRoot(root)}
	for _, r := range a.records {
		main := a.mainOf(r)
		switch {
		case a.isLeftOut(r):
		case main.applied == nil:
			all = append(all, a.asListed(r, r.entry()))
		case r == main: // the file of the main environment holds all of them
			all = append(all, main.applied.entries...)
		}
	}
	return append(all, a.further...)
}

// dn of the record.
func (p Provider) dn() string {
	dn := "providerName=" + escapeDN(p.Name) + "," + base
	if p.Unit != "" {
		dn = "providerUnit=" + escapeDN(p.Unit) + "," + dn
	}
	return dn
}

// entry is what the directory says of the provider.
func (r *record) entry() entry {
	p := r.provider
	e := entry{dn: p.dn()}
	e.add("objectclass", "top")
	e.add("objectclass", "provider")
	e.add("providerName", p.Name)
	if p.Unit != "" {
		e.add("providerUnit", p.Unit)
	}
	for _, l := range r.listed {
		e.add("providerCertificateHash", p.hash(l.certificate.Raw))
	}
	for _, l := range r.listed {
		if !l.hashOnly {
			e.attributes = append(e.attributes, attribute{"providerCertificate;binary", string(l.certificate.Raw), true})
		}
	}
	e.add("mailReceipt", p.MailReceipt)
	if p.LDIFAddress != "" && p.Unit == "" { // secondary environments must not have it, RFC 6109 4.5.6
		e.add("LDIFLocationURL", p.LDIFAddress)
	}
	for _, domain := range p.Domains {
		e.add("managedDomains", domain)
	}
	if p.Description != "" {
		e.add("description", p.Description)
	}
	return e
}

// hash of a certificate as the directory writes it.
func (p Provider) hash(der []byte) string {
	digest := sha1.Sum(der)
	text := hex.EncodeToString(digest[:])
	if p.LowerCaseHash {
		return text
	}
	return strings.ToUpper(text)
}

// applied is what a provider's own file said when the central directory took it
// over.
type applied struct {
	signed  time.Time // signing time of the file
	entries []entry
}

// takenOver are entries as they were read from a file.
func takenOver(read []directory.Entry) []entry {
	var all []entry
	for _, r := range read {
		e := entry{dn: r.DN}
		for _, a := range r.Attributes {
			e.attributes = append(e.attributes, attribute{a.Name, a.Value, a.Option("binary")})
		}
		all = append(all, e)
	}
	return all
}

func writeLDIF(entries []entry) []byte {
	var out ldif
	for i, e := range entries {
		if i > 0 {
			out.WriteString("\n")
		}
		out.entry(e)
	}
	return out.Bytes()
}

// lists tells whether a record of the directory lists the certificate.
func lists(r *directory.Record, der []byte) bool {
	digest := sha1.Sum(der)
	text := hex.EncodeToString(digest[:])
	for _, listed := range r.CertificateHashes {
		if strings.EqualFold(listed, text) {
			return true
		}
	}
	for _, c := range r.Certificates {
		if bytes.Equal(c.Raw, der) {
			return true
		}
	}
	return false
}
