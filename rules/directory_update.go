package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/directory"
)

// What the harness made known (evidence.DirectoryChange.What).
const (
	domainAdded        = "domain-added"
	certificateRevoked = "certificate-revoked"
	filePublished      = "file-published"
)

// Manners in which the harness serves and publishes (evidence, both kinds).
const (
	mannerGood       = "good"
	mannerDown       = "down"
	mannerStranger   = "signed-by-a-stranger"
	mannerWrongHost  = "wrong-server-certificate"
	mannerRolledBack = "rolled-back"
)

// daily is how long the directory, and each provider, may take to know what was
// published (RFC 6109 4.5: "on a daily basis").
const daily = 24 * time.Hour

// directoryUpdateJudges look at what the central directory makes of the files
// of providers, and at how hosts of the target fetch from a directory that the
// harness plays (RFC 6109 4.5, 5.6).
func directoryUpdateJudges() []Judge {
	return []Judge{
		{Rule: "PEC-DIR-020", Looks: "the entry of a provider after a damaged file of its was fetched", Look: judgeDamagedFile},
		{Rule: "PEC-DIR-021", Looks: "the entry of a provider a day after it published a new file", Look: judgeNewFile},
		{Rule: "PEC-DIR-025", Looks: "requests to a directory server with a wrong certificate", Look: judgeWrongServer},
		{Rule: "PEC-DIR-032", Looks: "TLS and client certificate of requests for the complete directory", Look: judgeFetching},
		{Rule: "PEC-SIG-011", Looks: "the certificate shown when fetching the directory against those that sign messages", Look: judgeOneKey},
		{Rule: "PEC-IP-012", Looks: "what becomes of messages signed with a certificate that was revoked", Look: judgeRevocationDelay},
	}
}

// unfit tells a file that nobody may apply: what was handed out is no signed
// file, its signature does not verify, or somebody else made it.
func unfit(file *directoryFile, manner string) bool {
	return file != nil && (!file.verifies() || file.Directory == nil || manner == mannerStranger)
}

// judgeDamagedFile compares the entries of a provider before and after the
// central directory fetched a damaged file of that provider.
func judgeDamagedFile(v *View, f *Findings) {
	for _, s := range v.Servings {
		if s.What != providerFile || !unfit(s.File, s.Manner) {
			continue
		}
		where := s.Where("provider's file, " + s.Manner)
		name := v.fileOwner(s)
		before := v.knownDirectory(s.At)
		if name == "" || before == nil {
			f.Unable(where, "the directory as it was before the file was fetched")
			continue
		}
		after := v.directoryAfter(s.At, name)
		if after == nil {
			f.Unable(where, "a reading of the directory after the file was fetched")
			continue
		}
		if changed := unlikeEntries(recordsOf(before, name), recordsOf(after.Shows, name)); changed != "" {
			f.Broken(after.Where("entries of "+name), "the entries as they were before the "+s.Manner+" file was fetched at "+legalTime(s.At), changed)
			continue
		}
		f.Holds(after.Where("entries of "+name), "unchanged after the "+s.Manner+" file")
	}
}

// directoryAfter returns the first complete reading after an instant, as long
// as no good file of the provider was served before it; nil when there is none.
func (v *View) directoryAfter(at time.Time, name string) *Reading {
	for _, r := range v.judgedReadings(centralFile, overLDAP) {
		if !r.whole() || !r.entire() || !r.At.After(at) {
			continue
		}
		between := func(t time.Time) bool { return t.After(at) && !t.After(r.At) }
		if slices.ContainsFunc(v.Servings, func(s *Serving) bool {
			return s.What == providerFile && between(s.At) && s.File != nil && !unfit(s.File, s.Manner) && strings.EqualFold(v.fileOwner(s), name)
		}) {
			return nil
		}
		return r
	}
	return nil
}

// fileOwner says whose file was served: by its entries, or else by the last
// file that was published before.
func (v *View) fileOwner(s *Serving) string {
	if s.File != nil && s.File.Directory != nil {
		for i := range s.File.Directory.Records {
			if e := &s.File.Directory.Records[i]; isEntry(e) {
				return providerOf(e)
			}
		}
	}
	name := ""
	for _, c := range v.Changes {
		if c.What == filePublished && !c.At.After(s.At) {
			name = c.Provider
		}
	}
	if name == "" { // a provider that the harness plays, when there is one only
		for _, p := range v.Case.World.Providers {
			if p.Emitter == evidence.Harness {
				if name != "" {
					return ""
				}
				name = p.Name
			}
		}
	}
	return name
}

// unlikeEntries says where the entries of a provider differ, "" when they do
// not.
func unlikeEntries(before, after []*directory.Record) string {
	for _, was := range before {
		i := slices.IndexFunc(after, func(e *directory.Record) bool { return sameName(e.DN, was.DN) })
		if i < 0 {
			return "the entry " + was.DN + " is gone"
		}
		if why := unlikeEntry(was, after[i]); why != "" {
			return why
		}
	}
	for _, now := range after {
		if !slices.ContainsFunc(before, func(e *directory.Record) bool { return sameName(e.DN, now.DN) }) {
			return "a new entry " + now.DN
		}
	}
	return ""
}

func unlikeEntry(was, now *directory.Record) string {
	for _, name := range slices.Concat(mandatoryAttributes, []string{"LDIFLocationURL"}) {
		before, after := described(was, name), described(now, name)
		if name != "providerCertificate" {
			before, after = lowered(before), lowered(after)
		}
		gone, added := notIn(before, after), notIn(after, before)
		switch {
		case len(gone)+len(added) == 0:
		case name == "providerCertificate":
			return fmt.Sprintf("%d certificates gone, %d new", len(gone), len(added))
		case len(added) > 0:
			return name + " now has " + strings.Join(added, ", ")
		default:
			return name + " no longer has " + strings.Join(gone, ", ")
		}
	}
	return ""
}

func lowered(list []string) []string {
	var all []string
	for _, s := range list {
		all = append(all, strings.ToLower(strings.TrimSpace(s)))
	}
	return all
}

// judgeNewFile looks for the entries of a good published file in the directory.
func judgeNewFile(v *View, f *Findings) {
	for i, c := range v.Changes {
		if c.What != filePublished || c.Provider == "" || c.File == nil || unfit(c.File, c.Manner) || c.Manner == mannerRolledBack {
			continue
		}
		until := time.Time{} // when the next file takes its place
		for _, next := range v.Changes[i+1:] {
			if next.What == filePublished && strings.EqualFold(next.Provider, c.Provider) {
				until = next.At
				break
			}
		}
		name := c.Provider
		expected := fmt.Sprintf("the entries of the file that %s published at %s, within a day", name, legalTime(c.At))
		for _, r := range v.judgedReadings(centralFile, overLDAP) {
			if !r.whole() || !r.entire() || r.At.Before(c.At) || !until.IsZero() && !r.At.Before(until) {
				continue
			}
			why := unlikeEntries(recordsOf(c.File.Directory, name), recordsOf(r.Shows, name))
			late := r.At.Sub(c.At)
			if why == "" {
				f.Holds(r.Where("entries of "+name), fmt.Sprintf("in the directory, read %s after the file was published", late.Round(time.Minute)))
				break
			}
			if late >= daily {
				f.Broken(r.Where("entries of "+name), expected, "after "+late.Round(time.Minute).String()+": "+why)
				break
			}
		}
	}
}
