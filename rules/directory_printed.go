package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/directory"
)

// judgePrintedForm looks at what became of a good file with the traits of the
// examples in RFC 6109 4.5.10: entries without a blank line between them, or a
// certificate that cannot be decoded. The rest of such a file counts.
func judgePrintedForm(v *View, f *Findings) {
	for i, s := range v.Servings {
		if !s.File.verifies() || s.File.Directory == nil || s.Manner == mannerStranger {
			continue
		}
		traits := printedTraits(s.File.Directory)
		if len(traits) == 0 {
			continue
		}
		until := time.Time{}
		for _, next := range v.Servings[i+1:] {
			if next.What == s.What && next.File != nil {
				until = next.At
				break
			}
		}
		in := func(at time.Time) bool { return at.After(s.At) && (until.IsZero() || at.Before(until)) }
		if s.What == providerFile {
			judgePrintedEntries(v, s, f, in, traits)
			continue
		}
		eachLabel(v, func(t *Transaction, l labelled, address, label string) {
			if !in(t.Started) || s.File.Directory.RecordOfDomain(domainOf(address)) == nil {
				return
			}
			if label == labelWord(true) {
				f.Holds(l.Where("daticert.xml"), address+": "+label+", after a file with "+strings.Join(traits, ", "))
			} else {
				f.Broken(l.Where("daticert.xml"), address+": "+labelWord(true)+", as the file says, which has "+strings.Join(traits, ", "), address+": "+orNone(label))
			}
		})
	}
}

func printedTraits(d *directory.Directory) []string {
	var traits []string
	for _, finding := range d.Findings {
		name := map[string]string{
			"record-without-blank-line": "entries without a blank line between them", "certificate-unreadable": "a corrupt certificate",
		}[finding.Code]
		if name != "" && !slices.Contains(traits, name) {
			traits = append(traits, name)
		}
	}
	return traits
}

// judgePrintedEntries looks for the domains of such a file in the directory,
// and for the corrupt certificate, which must not get there.
func judgePrintedEntries(v *View, s *Serving, f *Findings, in func(time.Time) bool, traits []string) {
	name := v.fileOwner(s)
	for _, r := range v.judgedReadings(centralFile, overLDAP) {
		if !r.whole() || !r.entire() || !in(r.At) {
			continue
		}
		where := r.Where("entries of " + name)
		var published, listed []string
		for _, e := range recordsOf(s.File.Directory, name) {
			published = append(published, lowered(e.ManagedDomains)...)
		}
		corrupt := 0
		for _, e := range recordsOf(r.Shows, name) {
			listed = append(listed, lowered(e.ManagedDomains)...)
			corrupt += len(described(e, "providerCertificate")) - len(e.Certificates)
		}
		switch missing := notIn(published, listed); {
		case corrupt > 0:
			f.Broken(where, "no certificate that cannot be read", fmt.Sprintf("%d of them", corrupt))
		case len(missing) > 0:
			f.Broken(where, "what the file says, which has "+strings.Join(traits, ", "), "without "+strings.Join(missing, ", "))
		default:
			f.Holds(where, "the file was read, which has "+strings.Join(traits, ", "))
		}
		return
	}
}
