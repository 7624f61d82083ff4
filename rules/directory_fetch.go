package rules

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/directory"
)

// How hosts of the target fetch the complete directory from a server that the
// harness plays (RFC 6109 5.6).

func judgeWrongServer(v *View, f *Findings) {
	const expected = "no request to a server whose certificate does not verify"
	for _, s := range v.Servings {
		if s.Manner != mannerWrongHost {
			continue
		}
		where := s.Where("TLS")
		if s.File != nil || s.Failed == "" {
			f.Broken(where, expected, "the directory was fetched at "+legalTime(s.At))
			continue
		}
		f.Holds(where, s.Failed)
	}
}

// notTLS is what a TLS server of the harness says of a client that speaks
// something else.
const notTLS = "does not look like a TLS handshake"

func judgeFetching(v *View, f *Findings) {
	const expected = "HTTPS, with the certificate of a provider"
	for _, s := range v.Servings {
		if s.What != centralFile || s.Manner == mannerWrongHost || s.Manner == mannerDown {
			continue
		}
		where := s.Where("request at " + legalTime(s.At))
		switch {
		case !s.TLS && (s.Failed == "" || strings.Contains(s.Failed, notTLS)):
			f.Broken(where, expected, "a request in clear text")
		case !s.TLS: // no handshake, no request
		case s.Client == "":
			f.Broken(where, expected, "no client certificate was shown")
		case s.Certificate == nil:
			f.Broken(where, expected, "a client certificate that cannot be read")
		case v.holderOf(s.Certificate, s.At) == nil:
			f.Broken(where, expected, "a certificate of no provider of the target: "+s.Certificate.Subject.String())
		default:
			f.Holds(where, "HTTPS, with the certificate of "+s.Certificate.Subject.String())
		}
	}
}

// holderOf returns the provider of the target whose certificate this is: by
// the directory, by what signs its messages, or by the address inside.
func (v *View) holderOf(c *x509.Certificate, at time.Time) *evidence.Provider {
	for i := range v.Case.World.Providers {
		p := &v.Case.World.Providers[i]
		if p.Emitter != evidence.Target {
			continue
		}
		if holdsAddress(c.EmailAddresses, p.ServiceAddress) || slices.ContainsFunc(v.signersOf(p), c.Equal) {
			return p
		}
		if known := v.directoryAt(at); known != nil && slices.ContainsFunc(known.RecordsOfCertificate(c), func(e *directory.Record) bool {
			return sameValue(providerOf(e), p.Name)
		}) {
			return p
		}
	}
	return nil
}

// signersOf returns the certificates that signed the provider's messages of
// the scenario.
func (v *View) signersOf(p *evidence.Provider) []*x509.Certificate {
	var all []*x509.Certificate
	for _, m := range v.systemMessages() {
		emitter := v.Provider(m)
		if c := signerOf(m); c != nil && emitter != nil && emitter.Name == p.Name && !slices.ContainsFunc(all, c.Equal) {
			all = append(all, c)
		}
	}
	return all
}

func judgeOneKey(v *View, f *Findings) {
	for _, s := range v.Servings {
		if s.Certificate == nil {
			continue
		}
		where := s.Where("client certificate")
		shown := s.Certificate.Subject.String() + ", serial number " + s.Certificate.SerialNumber.String()
		p := v.holderOf(s.Certificate, s.At)
		if p == nil {
			// Of a stranger's certificate it is known that none of the target's
			// providers signs with it, if they were seen to sign at all.
			if len(v.systemMessages()) > 0 {
				f.Broken(where, "the certificate that signs the messages of a provider of the target", shown)
			}
			continue
		}
		signers := v.signersOf(p)
		known := v.directoryAt(s.At)
		switch {
		case slices.ContainsFunc(signers, s.Certificate.Equal):
			f.Holds(where, shown+", which signs the messages of "+p.Name)
		case known != nil && slices.ContainsFunc(known.RecordsOfCertificate(s.Certificate), func(e *directory.Record) bool { return sameValue(providerOf(e), p.Name) }):
			f.Holds(where, shown+", which the directory lists for the signatures of "+p.Name)
		case len(signers) == 0 && known == nil:
			f.Unable(where, "a message of "+p.Name+", or its entry in the directory")
		default:
			f.Broken(where, "the certificate that signs the messages of "+p.Name, shown)
		}
	}
}
