package rules

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec/directory"
)

// What one entry says, attribute by attribute (RFC 6109 4.5.3 to 4.5.9).

func judgeEntryPath(_ *View, _ *Reading, e *directory.Record, where Where, f *Findings) {
	names := namesOf(e.DN)
	switch {
	case isSecondary(e):
		if !hasClass(e, "provider") { // its path is PEC-DIR-015
			f.Broken(where, "objectClass provider", "classes "+shownList(e.Attributes["objectclass"]))
			return
		}
	case !inTree(names, "providerName") || names[0].value == "":
		f.Broken(where, "a path of the form providerName=<name>,o=postacert", shown(e.DN))
		return
	case !hasClass(e, "provider"):
		f.Broken(where, "objectClass provider", "classes "+shownList(e.Attributes["objectclass"]))
		return
	}
	f.Holds(where, e.DN)
}

// mandatory and optional attributes of the class provider (RFC 6109 4.5.9).
var (
	mandatoryAttributes = []string{"providerCertificateHash", "providerCertificate", "providerName", "mailReceipt", "managedDomains"}
	optionalAttributes  = []string{"description", "LDIFLocationURL", "providerUnit"}
	// A server may add these to every entry on its own account (RFC 4512 3.4).
	operationalAttributes = []string{
		"createTimestamp", "modifyTimestamp", "creatorsName", "modifiersName", "subschemaSubentry", "structuralObjectClass",
		"governingStructureRule", "entryUUID", "entryCSN", "entryDN", "hasSubordinates", "numSubordinates",
	}
)

// described returns the values of an attribute, whatever its options are.
func described(e *directory.Record, name string) []string {
	var all []string
	for key, values := range e.Attributes {
		if base, _, _ := strings.Cut(key, ";"); strings.EqualFold(base, name) {
			all = append(all, values...)
		}
	}
	return all
}

func judgeEntryAttributes(_ *View, _ *Reading, e *directory.Record, where Where, f *Findings) {
	known := slices.Concat(mandatoryAttributes, optionalAttributes, operationalAttributes, []string{"objectClass"})
	var strange, missing []string
	for key := range e.Attributes {
		base, _, _ := strings.Cut(key, ";")
		if !slices.ContainsFunc(known, func(name string) bool { return strings.EqualFold(name, base) }) {
			strange = append(strange, key)
		}
	}
	for _, name := range mandatoryAttributes {
		if len(described(e, name)) == 0 {
			missing = append(missing, name)
		}
	}
	slices.Sort(strange)
	if len(missing) > 0 {
		f.Broken(where, "the attributes "+strings.Join(mandatoryAttributes, ", "), "without "+strings.Join(missing, ", "))
	}
	if len(strange) > 0 {
		f.Broken(where, "no attribute beside "+strings.Join(slices.Concat(mandatoryAttributes, optionalAttributes), ", "), "also "+strings.Join(strange, ", "))
	}
	if len(missing)+len(strange) == 0 {
		f.Holds(where, fmt.Sprintf("%d attributes", len(e.Attributes)))
	}
}

func judgeEntryName(_ *View, _ *Reading, e *directory.Record, where Where, f *Findings) {
	values := described(e, "providerName")
	inPath := providerInPath(e.DN)
	switch {
	case len(values) == 0: // PEC-DIR-003
		return
	case len(values) > 1:
		f.Broken(where, "one providerName", shownList(values))
		return
	case !sameValue(values[0], inPath):
		f.Broken(where, "providerName as in the path: "+shown(inPath), shown(values[0]))
		return
	}
	for _, c := range e.Certificates {
		if !namesProvider(c, values[0]) {
			f.Broken(where, "certificates whose CN or O contains "+shown(values[0]), c.Subject.String())
			return
		}
	}
	f.Holds(where, values[0])
}

// namesProvider tells whether CN or O of a certificate contains the name,
// letter case aside.
func namesProvider(c *x509.Certificate, name string) bool {
	return slices.ContainsFunc(append([]string{c.Subject.CommonName}, c.Subject.Organization...), func(s string) bool {
		return strings.Contains(strings.ToLower(fold(s)), strings.ToLower(fold(name)))
	})
}

// The dot-atom form of RFC 5322 3.2.3, and host names as RFC 1034 3.5 has them.
const (
	dotAtomForm  = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
	hostNameForm = `[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*`
)

var (
	plainMailbox = regexp.MustCompile(`^` + dotAtomForm + `@` + dotAtomForm + `$`)
	plainDomain  = regexp.MustCompile(`^` + hostNameForm + `$`)
)

func judgeEntryMailbox(_ *View, _ *Reading, e *directory.Record, where Where, f *Findings) {
	switch values := described(e, "mailReceipt"); {
	case len(values) == 0: // PEC-DIR-003
	case len(values) > 1:
		f.Broken(where, "one mailReceipt", shownList(values))
	case !plainMailbox.MatchString(values[0]):
		f.Broken(where, "mailReceipt of the form atom.atom@atom.atom, without brackets, comments and blanks", shown(values[0]))
	default:
		f.Holds(where, values[0])
	}
}

func judgeEntryDomains(_ *View, _ *Reading, e *directory.Record, where Where, f *Findings) {
	values := described(e, "managedDomains")
	if len(values) == 0 {
		return // PEC-DIR-003
	}
	var odd []string
	for _, d := range values {
		if len(d) > 253 || !plainDomain.MatchString(d) {
			odd = append(odd, shown(d))
		}
	}
	if len(odd) > 0 {
		f.Broken(where, "domain names in dot-atom form", strings.Join(odd, ", "))
		return
	}
	f.Holds(where, fmt.Sprintf("%d domains", len(values)))
}

// secureLocation tells an https URL with a host.
func secureLocation(value string) bool {
	u, err := url.Parse(value)
	return err == nil && strings.EqualFold(u.Scheme, "https") && u.Host != ""
}

func judgeEntryLocation(_ *View, _ *Reading, e *directory.Record, where Where, f *Findings) {
	values := described(e, "LDIFLocationURL")
	switch {
	case isSecondary(e): // PEC-DIR-014
	case len(values) == 0:
		f.Observes(where, "no LDIFLocationURL: the schema allows that, and then there is no file to fetch")
	case len(values) > 1:
		f.Broken(where, "one LDIFLocationURL", shownList(values))
	case !secureLocation(values[0]):
		f.Broken(where, "an https URL", shown(values[0]))
	default:
		f.Holds(where, values[0])
	}
}

func judgeSecondaryLocation(_ *View, _ *Reading, e *directory.Record, where Where, f *Findings) {
	if !isSecondary(e) {
		return
	}
	if values := described(e, "LDIFLocationURL"); len(values) > 0 {
		f.Broken(where, "no LDIFLocationURL in a secondary environment", shownList(values))
		return
	}
	f.Holds(where, "no LDIFLocationURL in "+shown(e.ProviderUnit))
}

func judgeSecondaryPath(_ *View, r *Reading, e *directory.Record, where Where, f *Findings) {
	names := namesOf(e.DN)
	units := described(e, "providerUnit")
	if !isSecondary(e) {
		f.Holds(where, "a main entry, without providerUnit")
		return
	}
	const form = "a path of the form providerUnit=<environment>,providerName=<name>,o=postacert"
	switch {
	case !inTree(names, "providerUnit", "providerName"):
		f.Broken(where, form, shown(e.DN))
	case len(units) != 1:
		f.Broken(where, "one providerUnit", shownList(units))
	case !sameValue(units[0], names[0].value):
		f.Broken(where, "providerUnit as in the path: "+shown(names[0].value), shown(units[0]))
	case (r.What == providerFile || r.whole()) && mainEntry(r.Shows, names[1].value) == nil:
		f.Broken(where, "a main entry of "+names[1].value+", without providerUnit", "none")
	default:
		f.Holds(where, e.DN)
	}
}

// mainEntry returns the entry of a provider's main environment, or nil.
func mainEntry(d *directory.Directory, name string) *directory.Record {
	for i := range d.Records {
		if e := &d.Records[i]; isEntry(e) && !isSecondary(e) && sameValue(providerInPath(e.DN), name) {
			return e
		}
	}
	return nil
}

// recordsOf returns the entries of a provider, main and secondary.
func recordsOf(d *directory.Directory, name string) []*directory.Record {
	var all []*directory.Record
	for i := range d.Records {
		e := &d.Records[i]
		if isEntry(e) && (sameValue(providerOf(e), name) || sameValue(providerInPath(e.DN), name)) {
			all = append(all, e)
		}
	}
	return all
}
