package rules

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/directory"
)

// judgeLetterCase looks where letter case can matter: recipients whose domain
// is listed in another one, searches over LDAP, and envelopes signed with a
// certificate whose hash is listed in small letters.
func judgeLetterCase(v *View, f *Findings) {
	letterCaseLabel(v, f)
	for _, r := range v.Directories {
		if (r.What == searchOverLDAP || r.What == overLDAP) && r.Emitter == evidence.Target && !r.Refused {
			judgeSearch(v, r, f)
		}
	}
	var small, capital []*Dispatch
	for _, d := range v.Dispatches {
		switch listedCase(v, d) {
		case "small":
			small = append(small, d)
		case "capital":
			capital = append(capital, d)
		}
	}
	otherwise := slices.ContainsFunc(capital, func(d *Dispatch) bool { return v.outcomeFor(d) != dispatchTaken })
	for _, d := range small {
		switch v.outcomeFor(d) {
		case dispatchTaken:
			f.Holds(d.Where("signature"), "taken in charge: the hash of the signer is listed in small letters")
		case dispatchAnomalous, dispatchRefused:
			if !otherwise { // else letter case is not the reason
				f.Broken(d.Where("signature"), "an envelope taken in charge, whose signer is listed by a hash in small letters", string(v.outcomeFor(d)))
			}
		}
	}
}

// listedCase says in which letters the directory lists the hash of who signed
// an envelope that is otherwise to be taken; "" when it does not list it, or
// there is another reason not to take it.
func listedCase(v *View, d *Dispatch) string {
	signer := dispatchSigner(d)
	if signer == nil || d.PEC.Kind != pec.TransportEnvelope || d.PEC.Certification == nil || d.Intent.DamagedAt != "" {
		return ""
	}
	trust := v.trustAt(d.Started)
	if trust == nil || trust.Directory == nil {
		return ""
	}
	hash := hashOfCertificate(signer.Raw)
	for _, e := range trust.Directory.RecordsOfCertificate(signer) {
		for _, listed := range e.CertificateHashes {
			switch {
			case !strings.EqualFold(listed, hash) || strings.ToUpper(listed) == strings.ToLower(listed):
			case listed == strings.ToLower(listed):
				return "small"
			case listed == strings.ToUpper(listed):
				return "capital"
			}
		}
	}
	return ""
}

// judgeSearch looks at a search for a value that the directory holds in another
// letter case.
func judgeSearch(v *View, r *Reading, f *Findings) {
	name, value, simple := equalityFilter(queryOf(r.Address).filter)
	known := v.directoryAt(r.At)
	if !simple || known == nil {
		return
	}
	for i := range known.Records {
		e := &known.Records[i]
		values := described(e, name)
		if slices.Contains(values, value) || !slices.ContainsFunc(values, func(s string) bool { return strings.EqualFold(s, value) }) {
			continue
		}
		found := r.Shows != nil && slices.ContainsFunc(r.Shows.Records, func(o directory.Record) bool { return sameName(o.DN, e.DN) })
		if found {
			f.Holds(r.Where("search"), name+"="+value+" finds "+e.DN)
		} else {
			f.Broken(r.Where("search"), e.DN+", which lists "+name+" in another letter case", "not found by "+name+"="+value)
		}
	}
}

// equalityFilter reads a filter of the form (attribute=value) on an attribute
// whose values are compared without letter case.
func equalityFilter(filter string) (name, value string, simple bool) {
	inner := strings.TrimSuffix(strings.TrimPrefix(filter, "("), ")")
	name, value, found := strings.Cut(inner, "=")
	if !found || strings.ContainsAny(value, "*()\\") || strings.ContainsAny(name, "&|!<>~:()") {
		return "", "", false
	}
	for _, a := range registeredAttributes() {
		if strings.EqualFold(a.name, name) && strings.HasPrefix(a.equality, "caseIgnore") {
			return a.name, value, true
		}
	}
	return "", "", false
}
