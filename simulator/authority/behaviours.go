package authority

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/faults"
)

// The named behaviours: what a faulty authority, or a provider in what it
// publishes about itself, does otherwise. Without faults each method gives back
// what it was given. A fault limited to a provider acts on that provider's
// record and file.

// of are the faults that concern a provider's record.
func (a *Authority) of(p Provider) *faults.Set { return a.faults.For(domainOf(p.ServiceAddress)) }

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

// asListed is what the directory says of an environment of a provider.
func (a *Authority) asListed(r *record, e entry) []entry {
	set, p := a.of(r.provider), r.provider
	main := p.Unit == ""
	if set == nil {
		return []entry{e}
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
	if set.On("directory-other-base") {
		e.dn = strings.TrimSuffix(e.dn, base) + "ou=gestori," + base
	}
	if set.On("directory-unknown-attribute") {
		e.add("telephoneNumber", "+39 06 0000000")
	}
	if set.On("directory-hash-other-algorithm") {
		e = e.replaced("providerCertificateHash", func(string) string {
			digest := sha256.Sum256(r.main.Certificate.Raw)
			return strings.ToUpper(hex.EncodeToString(digest[:]))
		})
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
	if main && (set.On("directory-secondary-with-location") || set.On("directory-secondary-without-main")) {
		return a.withSecondary(set, r, e)
	}
	return []entry{e}
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

// withSecondary adds a secondary environment that is not as it should be.
func (a *Authority) withSecondary(set *faults.Set, r *record, main entry) []entry {
	unit := *r
	unit.provider.Unit, unit.provider.Domains = "Ambiente secondario", []string{"secondario." + domainOf(r.provider.ServiceAddress)}
	e := unit.entry()
	if set.On("directory-secondary-with-location") {
		e.add("LDIFLocationURL", "https://"+domainOf(r.provider.ServiceAddress)+"/secondario.ldif.p7m")
	}
	if set.On("directory-secondary-without-main") {
		e.dn = strings.Replace(e.dn, escapeDN(r.provider.Name), escapeDN(r.provider.Name)+" Bis", 1)
		e = e.replaced("providerName", func(name string) string { return name + " Bis" })
	}
	return []entry{main, e}
}

// asWhole is the whole directory.
func (a *Authority) asWhole(all []entry) []entry {
	if a.faults.On("directory-without-a-provider") && len(all) > 2 {
		return slices.Delete(all, 1, 2)
	}
	return all
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

// asPublished is what a provider's own file says of one of its environments.
func (a *Authority) asPublished(r *record, entries []entry) []entry {
	if r.provider.Unit != "" && a.of(r.provider).On("file-without-secondary") {
		return nil
	}
	return entries
}

// asSigned is a provider's own file: signed by its key, with the content inside.
func (a *Authority) asSigned(r *record, content []byte, at time.Time) ([]byte, error) {
	set, signer := a.of(r.provider), r.main
	switch {
	case set.On("file-not-signed"):
		return content, nil
	case set.On("file-detached"):
		return signer.Sign(content, at)
	case set.On("file-signed-by-another-key"):
		stranger, err := a.directorySigner(at)
		if err != nil {
			return nil, err
		}
		signer = stranger
	case set.On("file-not-utf-8"):
		content = append(bytes.Clone(bytes.TrimRight(content, "\n")), "\ndescription: Servizi di posta per citt\xe0\n"...)
	}
	return signer.Enclose(content, at)
}

// asComplete is the signed complete directory.
func (a *Authority) asComplete(signer *smime.Signer, content []byte, at time.Time) ([]byte, error) {
	switch {
	case a.faults.On("complete-file-not-signed"):
		return content, nil
	case a.faults.On("complete-file-detached"):
		return signer.Sign(content, at)
	}
	return signer.Enclose(content, at)
}

// asDefined is a definition of the schema.
func (a *Authority) asDefined(definition string) string {
	if a.faults.On("directory-schema-other-identifiers") {
		definition = strings.Replace(definition, "1.3.6.1.4.1.16572.2.", "1.3.6.1.4.1.99999.2.", 1)
	}
	if a.faults.On("directory-schema-exact-case") {
		definition = strings.Replace(definition, "caseIgnoreIA5Match", "caseExactIA5Match", 1)
	}
	if a.faults.On("directory-schema-several-names") && strings.Contains(definition, "'providerName'") {
		definition = strings.Replace(definition, " SINGLE-VALUE", "", 1)
	}
	return definition
}

// asContentType is the media type of a file.
func (a *Authority) asContentType(behaviour, kind string) string {
	if a.faults.On(behaviour) {
		return "application/octet-stream"
	}
	return kind
}

// asRevocation is the revocation list, from what it is to say. x509 makes no
// list without nextUpdate, so that is taken out and what is left signed again.
func (a *Authority) asRevocation(der []byte) ([]byte, error) {
	if !a.faults.On("revocation-without-next-update") {
		return der, nil
	}
	var list struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	var said struct {
		Version             int
		Signature           pkix.AlgorithmIdentifier
		Issuer              asn1.RawValue
		ThisUpdate          time.Time
		NextUpdate          time.Time       `asn1:"optional"`
		RevokedCertificates []asn1.RawValue `asn1:"optional"`
		Extensions          asn1.RawValue   `asn1:"optional,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &list); err != nil {
		return nil, err
	}
	if _, err := asn1.Unmarshal(list.TBS.FullBytes, &said); err != nil {
		return nil, err
	}
	said.NextUpdate = time.Time{}
	tbs, err := asn1.Marshal(said)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(tbs)
	value, err := a.key.Sign(a.config.Random, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	list.TBS = asn1.RawValue{FullBytes: tbs}
	list.Signature = asn1.BitString{Bytes: value, BitLength: 8 * len(value)}
	return asn1.Marshal(list)
}
