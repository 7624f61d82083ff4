package rules

import (
	"bytes"
	"crypto/x509"
	"slices"
)

// judgeNameConstraints looks at each CA once: who issued the certificates that
// sign messages, and those of a file that is judged by itself.
func judgeNameConstraints(v *View, f *Findings) {
	var judged []*x509.Certificate
	look := func(authority *x509.Certificate, where Where) {
		if slices.ContainsFunc(judged, authority.Equal) {
			return
		}
		judged = append(judged, authority)
		if present, _ := extension(authority, oidNameConstraints); !present {
			f.Broken(where, "a CA with name constraints that list the providers", authority.Subject.String()+" has none")
			return
		}
		f.Holds(where, "permitted e-mail names: "+shownList(authority.PermittedEmailAddresses))
	}
	issuers := func(signer *x509.Certificate, trust *Trust, where Where) {
		for _, authority := range trust.Authority {
			if bytes.Equal(authority.RawSubject, signer.RawIssuer) {
				look(authority, where)
			}
		}
	}
	for _, m := range v.systemMessages() {
		if signer := signerOf(m); signer != nil {
			issuers(signer, v.trustOf(m), m.Where("certificate of the CA"))
		}
	}
	for _, c := range v.Certificates {
		if isAuthority(c) {
			look(c, Where{Part: certificatePart(c)})
		} else {
			issuers(c, v.Trust, Where{Part: "certificate of the CA"})
		}
	}
}
