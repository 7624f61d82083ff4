package directory

import (
	"crypto/x509"
	"strings"
)

// store puts a value into the open record, and as it stands into its entry.
func (p *parser) store(a Attribute) {
	r, key, value, at := p.record, strings.ToLower(a.Name), a.Value, a.Line
	p.entry.Attributes = append(p.entry.Attributes, a)
	r.Attributes[key] = append(r.Attributes[key], value)
	base, _, _ := strings.Cut(key, ";")
	switch base {
	case "providername":
		p.single(&r.ProviderName, "providerName", value, at)
	case "providerunit":
		p.single(&r.ProviderUnit, "providerUnit", value, at)
	case "mailreceipt":
		p.single(&r.MailReceipt, "mailReceipt", value, at)
	case "ldiflocationurl":
		p.single(&r.LDIFLocation, "LDIFLocationURL", value, at)
	case "manageddomains":
		r.ManagedDomains = append(r.ManagedDomains, strings.TrimSpace(value))
	case "providercertificatehash":
		r.CertificateHashes = append(r.CertificateHashes, strings.TrimSpace(value))
	case "providercertificate":
		if a.Damaged {
			return // attribute has said so
		}
		certificate, err := x509.ParseCertificate([]byte(value))
		if err != nil {
			p.find(at, "certificate-unreadable", "a certificate of the record cannot be read: %v", err)
			return
		}
		r.Certificates = append(r.Certificates, certificate)
	}
}

// single keeps the first value of a single-valued attribute.
func (p *parser) single(field *string, name, value string, at int) {
	if *field != "" {
		p.find(at, "single-valued-attribute-repeated", "%s stands more than once in a record; the first value counts", name)
		return
	}
	*field = strings.TrimSpace(value)
}

// finish closes the open record.
func (p *parser) finish() {
	if p.record != nil {
		p.directory.Records = append(p.directory.Records, *p.record)
		p.directory.Entries = append(p.directory.Entries, *p.entry)
		p.record, p.entry = nil, nil
	}
}
