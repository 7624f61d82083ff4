package rules

import (
	"bytes"
	"crypto/x509"
	"slices"
)

func judgeNameConstraints(v *View, f *Findings) {
	var judged []*x509.Certificate
	for _, m := range v.systemMessages() {
		signer := signerOf(m)
		if signer == nil {
			continue
		}
		for _, authority := range v.Trust.Authority {
			if !bytes.Equal(authority.RawSubject, signer.RawIssuer) || slices.ContainsFunc(judged, authority.Equal) {
				continue
			}
			judged = append(judged, authority)
			where := m.Where("certificate of the CA")
			if present, _ := extension(authority, oidNameConstraints); !present {
				f.Broken(where, "a CA with name constraints that list the providers", authority.Subject.String()+" has none")
				continue
			}
			f.Holds(where, "permitted e-mail names: "+shownList(authority.PermittedEmailAddresses))
		}
	}
}
