package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/directory"
)

// What holds for the directory as a whole, and for its base entry (RFC 6109
// 4.5, 4.5.6, 4.5.8).

// baseEntries returns the entries o=postacert.
func baseEntries(d *directory.Directory) []*directory.Record {
	var all []*directory.Record
	for i := range d.Records {
		if isRoot(d.Records[i].DN) {
			all = append(all, &d.Records[i])
		}
	}
	return all
}

func judgeBaseEntry(_ *View, r *Reading, f *Findings) {
	bases := baseEntries(r.Shows)
	if len(bases) != 1 {
		f.Broken(r.Where(""), "one entry o=postacert", fmt.Sprintf("%d among %d entries", len(bases), len(r.Shows.Records)))
		return
	}
	for _, class := range []string{"top", "organization", "LDIFLocationURLObject"} {
		if !hasClass(bases[0], class) {
			f.Broken(r.Where(entryPart(bases[0])), "the classes top, organization and LDIFLocationURLObject", shownList(bases[0].Attributes["objectclass"]))
			return
		}
	}
	f.Holds(r.Where(entryPart(bases[0])), shownList(bases[0].Attributes["objectclass"]))
}

// judgeEntryPaths looks at each entry, and in the complete directory for those
// of the target's providers.
func judgeEntryPaths(v *View, f *Findings) {
	everyEntry("", "", judgeEntryPath).Look(v, f)
	wholeDirectory("", "", func(v *View, r *Reading, f *Findings) {
		for _, p := range v.Case.World.Providers {
			listed := r.Shows.RecordOfDomain(domainOf(p.ServiceAddress)) != nil || len(recordsOf(r.Shows, p.Name)) > 0
			if p.Emitter == evidence.Target && !listed {
				f.Broken(r.Where(""), "an entry of "+p.Name, fmt.Sprintf("none among %d entries", len(r.Shows.Records)))
			}
		}
	}).Look(v, f)
}

func judgeBaseLocation(_ *View, r *Reading, f *Findings) {
	for _, base := range baseEntries(r.Shows) {
		where := r.Where(entryPart(base))
		switch values := described(base, "LDIFLocationURL"); {
		case len(values) == 0:
			f.Broken(where, "LDIFLocationURL: the https URL of the complete directory", "none")
		case len(values) > 1:
			f.Broken(where, "one LDIFLocationURL", shownList(values))
		case !secureLocation(values[0]):
			f.Broken(where, "an https URL", shown(values[0]))
		default:
			f.Holds(where, values[0])
		}
	}
}

func judgeDomainOwners(v *View, r *Reading, f *Findings) {
	owners := map[string][]*directory.Record{}
	for i := range r.Shows.Records {
		e := &r.Shows.Records[i]
		if !isEntry(e) {
			continue
		}
		for _, domain := range described(e, "managedDomains") {
			domain = strings.ToLower(domain)
			if !slices.Contains(owners[domain], e) {
				owners[domain] = append(owners[domain], e)
			}
		}
	}
	kept := true
	for _, domain := range slices.Sorted(maps.Keys(owners)) {
		all := owners[domain]
		if len(all) < 2 || slices.ContainsFunc(all, func(e *directory.Record) bool { return v.ownEntry(e, r.At) }) {
			continue
		}
		kept = false
		var names []string
		for _, e := range all {
			names = append(names, e.DN)
		}
		f.Broken(r.Where(entryPart(all[1])), domain+" in one entry only", "in "+strings.Join(names, " and "))
	}
	for i := range r.Shows.Records {
		e := &r.Shows.Records[i]
		if !isEntry(e) || isSecondary(e) || v.ownEntry(e, r.At) {
			continue
		}
		for _, domain := range serviceDomains(e) {
			if !slices.ContainsFunc(recordsOf(r.Shows, providerOf(e)), func(o *directory.Record) bool { return o.Manages(domain) }) {
				kept = false
				f.Broken(r.Where(entryPart(e)), domain+", where the service address is, among the managed domains", shownList(e.ManagedDomains))
			}
		}
	}
	if kept && len(owners) > 0 {
		f.Holds(r.Where(""), fmt.Sprintf("%d domains, each in one entry", len(owners)))
	}
}

// serviceDomains returns the domains of the addresses in an entry's
// certificates: those of the provider's service address.
func serviceDomains(e *directory.Record) []string {
	var all []string
	for _, c := range e.Certificates {
		for _, address := range c.EmailAddresses {
			if domain := strings.ToLower(domainOf(address)); !slices.Contains(all, domain) {
				all = append(all, domain)
			}
		}
	}
	return all
}

// judgeProviderFileEntries looks for every entry of a provider in its file.
func judgeProviderFileEntries(v *View, f *Findings) {
	for _, r := range v.judgedReadings(providerFile) {
		name := r.Provider
		for i := range r.Shows.Records {
			if e := &r.Shows.Records[i]; name == "" && isEntry(e) {
				name = providerOf(e)
			}
		}
		known, inFile := v.knownDirectory(r.At), recordsOf(r.Shows, name)
		secondary := slices.ContainsFunc(inFile, isSecondary)
		if known == nil {
			if secondary {
				f.Unable(r.Where(""), string(NeedTrust))
			}
			continue
		}
		listed := recordsOf(known, name)
		if !secondary && !slices.ContainsFunc(listed, isSecondary) {
			continue
		}
		var missing []string
		for _, e := range listed {
			if !slices.ContainsFunc(inFile, func(o *directory.Record) bool { return sameName(o.DN, e.DN) }) {
				missing = append(missing, e.DN)
			}
		}
		if len(missing) > 0 {
			f.Broken(r.Where(""), fmt.Sprintf("the %d entries of %s", len(listed), name), "without "+strings.Join(missing, " and "))
			continue
		}
		f.Holds(r.Where(""), fmt.Sprintf("%d entries of %s", len(inFile), name))
	}
}

// sameName compares distinguished names as the directory does.
func sameName(a, b string) bool {
	one, other := namesOf(a), namesOf(b)
	if len(one) == 0 || len(one) != len(other) {
		return sameValue(a, b)
	}
	for i := range one {
		if !strings.EqualFold(one[i].kind, other[i].kind) || !sameValue(one[i].value, other[i].value) {
			return false
		}
	}
	return true
}
