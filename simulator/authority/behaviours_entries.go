package authority

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// What a faulty authority, or a provider of itself, says otherwise in the entries
// of the directory.

// asRoot is the base entry.
func (a *Authority) asRoot(e entry) entry {
	if a.faults.On("directory-root-without-class") {
		e = e.without(func(at attribute) bool { return at.value == "LDIFLocationURLObject" })
	}
	if a.faults.On("directory-root-without-location") {
		e = e.without(named("LDIFLocationURL"))
	}
	return e
}

// asListed is what the directory says of an environment of a provider. What it
// says of those that are played from outside is theirs.
func (a *Authority) asListed(r *record, e entry) entry {
	set, p := a.of(r), r.provider
	main := p.Unit == ""
	if set == nil || !p.Hosted {
		return e
	}
	for behaviour, name := range map[string]string{
		"directory-without-mail-receipt": "mailReceipt",
		"directory-without-hash":         "providerCertificateHash",
		"directory-without-certificate":  "providerCertificate",
		"directory-without-domains":      "managedDomains",
		"directory-without-location":     "LDIFLocationURL",
	} {
		if set.On(behaviour) {
			e = e.without(named(name))
		}
	}
	if set.On("directory-without-class") {
		e = e.without(func(at attribute) bool { return at.value == "provider" })
	}
	if main && set.On("directory-other-base") {
		e.dn = strings.TrimSuffix(e.dn, base) + "ou=gestori," + base
	}
	if set.On("directory-unknown-attribute") {
		e.add("telephoneNumber", "+39 06 0000000")
	}
	if set.On("directory-hash-other-algorithm") {
		e = e.without(named("providerCertificateHash"))
		for _, l := range r.listed {
			digest := sha256.Sum256(l.certificate.Raw)
			e.add("providerCertificateHash", strings.ToUpper(hex.EncodeToString(digest[:])))
		}
	}
	if set.On("directory-hash-of-another") {
		e = e.replaced("providerCertificateHash", func(hash string) string { return hash[len(hash)/2:] + hash[:len(hash)/2] })
	}
	if set.On("directory-certificate-not-binary") {
		e = e.renamed("providerCertificate;binary", "providerCertificate")
	}
	if set.On("directory-one-hash-missing") {
		// The entry has the certificate that follows, not its hash.
		if s, err := a.signer(a.now(), p, "renewed", r.key); err == nil {
			e.attributes = append(e.attributes, attribute{"providerCertificate;binary", string(s.Certificate.Raw), true})
		}
	}
	if set.On("directory-renewal-late") {
		if s, err := a.signer(a.now(), p, "late", r.key); err == nil {
			e.add("providerCertificateHash", p.hash(s.Certificate.Raw))
			e.attributes = append(e.attributes, attribute{"providerCertificate;binary", string(s.Certificate.Raw), true})
		}
	}
	if set.On("directory-name-differs") {
		e = e.replaced("providerName", func(name string) string { return "Altro " + name })
	}
	if set.On("directory-name-not-in-certificate") {
		e = e.replaced("providerName", func(string) string { return "Denominazione Diversa" })
		e.dn = strings.Replace(e.dn, "providerName="+escapeDN(p.Name), "providerName=Denominazione Diversa", 1)
	}
	if set.On("directory-mail-receipt-with-name") {
		e = e.replaced("mailReceipt", func(address string) string { return "Ricevute <" + address + ">" })
	}
	if set.On("directory-domain-malformed") {
		e.add("managedDomains", "*."+domainOf(p.ServiceAddress))
	}
	if set.On("directory-domain-of-another") {
		e = a.withForeignDomain(r, e)
	}
	if set.On("directory-location-http") {
		e = e.replaced("LDIFLocationURL", func(url string) string { return strings.Replace(url, "https:", "http:", 1) })
	}
	if !main && set.On("directory-secondary-with-location") {
		e.add("LDIFLocationURL", "https://"+domainOf(p.ServiceAddress)+"/secondario.ldif.p7m")
	}
	if !main && set.On("directory-secondary-without-main") {
		words := strings.Fields(p.Name)
		other := strings.Join(words[:max(1, len(words)-1)], " ")
		e.dn = strings.Replace(e.dn, escapeDN(p.Name), escapeDN(other), 1)
		e = e.replaced("providerName", func(string) string { return other })
	}
	return e
}

// withForeignDomain adds a domain of another provider.
func (a *Authority) withForeignDomain(r *record, e entry) entry {
	for _, other := range a.records {
		if domains := other.provider.Domains; other.provider.Name != r.provider.Name && len(domains) > 0 {
			e.add("managedDomains", domains[len(domains)-1])
			break
		}
	}
	return e
}

// isLeftOut tells a provider that the directory forgot: the last one whose file
// it serves itself.
func (a *Authority) isLeftOut(r *record) bool {
	if !a.faults.On("directory-without-a-provider") {
		return false
	}
	var last *record
	for _, other := range a.records {
		if other.provider.Hosted {
			last = a.mainOf(other)
		}
	}
	return a.mainOf(r) == last
}

func named(name string) func(attribute) bool {
	return func(a attribute) bool {
		kind, _, _ := strings.Cut(a.name, ";")
		return kind == name
	}
}

func (e entry) without(leave func(attribute) bool) entry {
	e.attributes = slices.DeleteFunc(slices.Clone(e.attributes), leave)
	return e
}

func (e entry) replaced(name string, by func(string) string) entry {
	e.attributes = slices.Clone(e.attributes)
	for i, a := range e.attributes {
		if named(name)(a) {
			e.attributes[i].value = by(a.value)
		}
	}
	return e
}

func (e entry) renamed(name, to string) entry {
	e.attributes = slices.Clone(e.attributes)
	for i, a := range e.attributes {
		if a.name == name {
			e.attributes[i].name = to
		}
	}
	return e
}
