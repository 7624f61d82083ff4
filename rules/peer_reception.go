package rules

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/smime"
)

// How an incoming point has to take a message that the harness sent (RFC 6109
// 2.2.2: existence, origin and validity of the signature, then the form). It is
// worked out from the octets and the trust data of that instant alone: what the
// harness meant to send does not count here.

// class is what a message is to an incoming point.
type class int

const (
	openClass       class = iota // the rules or the evidence do not decide
	correctEnvelope              // a correct and undamaged transport envelope
	correctReceipt               // a correct and undamaged receipt or notice
	faulty                       // signed by a provider, but of a wrong form: to be passed on as an anomaly
	untrusted                    // not from a provider: ordinary mail
)

// reception says how a message has to be taken, and which rule speaks of the
// reason.
type reception struct {
	class       class
	rule        string
	why         string            // the reason, for a person
	certificate *x509.Certificate // of the signer, once its signature verified
	record      *directory.Record // that lists it
}

// receptionOf returns how the dispatched message has to be taken.
func (v *View) receptionOf(d *Dispatch) reception {
	return d.reception.or(func() reception { return v.receive(d) })
}

func (v *View) receive(d *Dispatch) reception {
	if d.PEC == nil {
		return reception{why: string(NeedSubmission)}
	}
	r := v.originOf(d)
	if r.rule != "" || r.certificate == nil {
		return r
	}
	form := formOf(d.PEC)
	r.class, r.rule, r.why = form.class, form.rule, form.why
	if r.class != correctEnvelope {
		return r
	}
	if who := v.outsiderOf(d); who != "" {
		r.class, r.rule, r.why = openClass, "PEC-IP-025", "for "+who+", whom its certification data do not list"
	}
	return r
}

// outsiderOf returns a recipient of the provider that was handed the envelope
// whom the certification data do not list, "" when there is none.
func (v *View) outsiderOf(d *Dispatch) string {
	var listed []string
	for _, r := range d.PEC.Certification.Recipients {
		listed = append(listed, pec.BareAddress(r.Address))
	}
	for _, r := range d.Recipients {
		if address := pec.BareAddress(r.Address); v.deliversTo(d, r) && !holdsAddress(listed, address) {
			return address
		}
	}
	return ""
}

// originOf looks at the signature; rule is empty where nothing is wrong with it.
func (v *View) originOf(d *Dispatch) reception {
	m := d.PEC
	mediaType, _ := m.Root.MediaType()
	switch {
	case strings.HasSuffix(mediaType, "pkcs7-mime"):
		return reception{class: openClass, rule: "PEC-IP-024", why: "in opaque signed form"}
	case m.Signed == nil || m.SignaturePart == nil:
		return reception{class: untrusted, rule: "PEC-IP-006", why: "without a signature"}
	}
	signature, err := verified(m)
	switch {
	case errors.Is(err, smime.ErrUnsupported):
		return reception{why: "an engine that can read its signature: " + err.Error()}
	case err != nil:
		return reception{class: untrusted, rule: "PEC-IP-008", why: "altered after it was signed: " + err.Error()}
	}
	trust := v.trustWhen(d.Started)
	if trust == nil || trust.Directory == nil || len(trust.Authority) == 0 {
		return reception{why: string(NeedTrust)}
	}
	c := signature.Certificate
	r := reception{certificate: c}
	records := trust.Directory.RecordsOfCertificate(c)
	if len(records) == 0 {
		r.class, r.rule, r.why = untrusted, "PEC-IP-007", "its signer is not in the directory"
		return r
	}
	holds := func(record *directory.Record) bool { return slices.ContainsFunc(record.Certificates, c.Equal) }
	i := slices.IndexFunc(records, holds)
	if i < 0 {
		r.class, r.rule, r.why = untrusted, "PEC-IP-030", "the directory lists the hash of its signer beside another certificate"
		return r
	}
	r.record = records[i]
	if !trust.leadsTo(c, signature.Certificates) {
		r.class, r.rule, r.why = untrusted, "PEC-IP-011", "the certificate of its signer does not lead to the PEC authority"
		return r
	}
	if d.Started.Before(c.NotBefore) || d.Started.After(c.NotAfter) {
		r.class, r.rule, r.why = untrusted, "PEC-IP-009", "signed with a certificate valid until "+legalTime(c.NotAfter)
		return r
	}
	if revoked, fresh := v.revokedFor(d, c); revoked {
		r.class, r.rule, r.why = untrusted, "PEC-IP-010", "signed with a revoked certificate"
		if fresh {
			r.class, r.rule = openClass, "PEC-IP-012"
		}
		return r
	}
	return trust.claimsOf(m, r)
}

// claimsOf compares From with the certificate and the record of the signer.
func (t *Trust) claimsOf(m *pec.Message, r reception) reception {
	if m.Kind == pec.Ordinary && len(m.CertificationParts) == 0 {
		return r // it does not say that it is certified e-mail
	}
	from := addressOf(m.Root.Value("From"))
	domain := domainOf(from)
	other := t.Directory.RecordOfDomain(domain)
	switch {
	case other != nil && !slices.ContainsFunc(r.record.ManagedDomains, func(d string) bool { return strings.EqualFold(d, domain) }):
		r.class, r.rule, r.why = faulty, "PEC-IP-015", fmt.Sprintf("signed by %s, with From in a domain of %s", r.record.ProviderName, other.ProviderName)
	case !holdsAddress(r.certificate.EmailAddresses, from):
		r.class, r.rule, r.why = faulty, "PEC-IP-016", "its From is "+from+", its certificate is for "+shownList(r.certificate.EmailAddresses)
	}
	return r
}

// trustWhen returns the trust data that were last seen before the instant, or
// the first that were seen at all.
func (v *View) trustWhen(at time.Time) *Trust {
	if len(v.Trusts) == 0 {
		return v.Trust
	}
	best := v.Trusts[0]
	for _, t := range v.Trusts {
		if !t.Instant.After(at) {
			best = t
		}
	}
	return best
}

// leadsTo tells that a path builds from the certificate to the CA, whatever its
// own term and whatever names the CA may vouch for (decision of the profile: a
// name constraint binds other editions of the CA).
func (t *Trust) leadsTo(c *x509.Certificate, others []*x509.Certificate) bool {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, authority := range t.Authority {
		roots.AddCert(authority)
	}
	for _, other := range others {
		between.AddCert(other)
	}
	// The CA may be younger than a certificate that has run out: it is judged at
	// an instant at which those above it are valid, as if it were so itself.
	var at time.Time
	for _, above := range slices.Concat(t.Authority, others) {
		if above.NotBefore.After(at) && !above.Equal(c) {
			at = above.NotBefore
		}
	}
	timeless := *c
	timeless.NotBefore, timeless.NotAfter = at, at
	_, err := timeless.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	var invalid x509.CertificateInvalidError
	return err == nil || errors.As(err, &invalid) && invalid.Reason == x509.CANotAuthorizedForThisName
}

// listTerm is how long a list that is already there may be believed where the
// list itself does not say.
const listTerm = 24 * time.Hour

// revokedFor tells that the certificate was on the list when the message was
// sent. fresh says that it was revoked so short a time before that a provider
// may still go by the list it has.
func (v *View) revokedFor(d *Dispatch, c *x509.Certificate) (revoked, fresh bool) {
	for _, trust := range append(slices.Clone(v.Trusts), v.Trust) {
		if trust == nil || trust.Revoked == nil || !bytes.Equal(trust.Revoked.RawIssuer, c.RawIssuer) {
			continue
		}
		for _, entry := range trust.Revoked.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(c.SerialNumber) == 0 && !entry.RevocationTime.After(d.Started) {
				revoked = true
			}
		}
	}
	for _, change := range v.Case.DirectoryChanges {
		if change.What == "certificate-revoked" && sameSerial(change.Subject, c) && d.Started.Before(change.At.Add(listTerm)) {
			fresh = true
		}
	}
	return revoked, fresh
}

// sameSerial reads a serial number in decimal or in hexadecimal.
func sameSerial(written string, c *x509.Certificate) bool {
	written = strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(written, ":", "")), "0x")
	return written == c.SerialNumber.String() || strings.TrimLeft(written, "0") == c.SerialNumber.Text(16)
}
