package rules

import (
	"fmt"

	"github.com/collaudo/collaudo/pec/directory"
)

// directoryJudges answer for the family DIR: the directory of providers, its
// entries and files (RFC 6109 4.5), who may read it (5.6), and what a provider
// makes of its copy; and for what only shows there: the revocation that takes
// effect, and the one key for signing and for access.
//
// Only what the target handed out or did is judged. PEC-DIR-028 is excluded.
func directoryJudges() []Judge {
	return append(
		append(directoryEntryJudges(), directoryFileJudges()...),
		append(directoryUpdateJudges(), directoryCopyJudges()...)...,
	)
}

// directoryEntryJudges look at what entries say.
func directoryEntryJudges() []Judge {
	return []Judge{
		wholeDirectory("PEC-DIR-001", "the entry o=postacert and its classes", judgeBaseEntry),
		{Rule: "PEC-DIR-002", Looks: "the path and the class of each provider's entry, and whether each provider has one", Look: judgeEntryPaths},
		everyEntry("PEC-DIR-003", "which attributes each entry has", judgeEntryAttributes),
		everyEntry("PEC-DIR-004", "each certificate hash against the octets of the certificates", judgeEntryHash),
		everyEntry("PEC-DIR-005", "the option ;binary and the form of each certificate", judgeEntryBinary),
		everyEntry("PEC-DIR-006", "certificates and hashes of entries with several", judgeEntryRenewal),
		everyEntry("PEC-DIR-007", "when the certificates of each entry begin and end", judgeEntrySuccession),
		everyEntry("PEC-DIR-008", "providerName against path and certificates", judgeEntryName),
		everyEntry("PEC-DIR-009", "mailReceipt: one plain address", judgeEntryMailbox),
		everyEntry("PEC-DIR-010", "managedDomains: plain domain names", judgeEntryDomains),
		wholeDirectory("PEC-DIR-011", "domains listed twice, and the domain of each service address", judgeDomainOwners),
		wholeDirectory("PEC-DIR-012", "LDIFLocationURL of the entry o=postacert", judgeBaseLocation),
		everyEntry("PEC-DIR-013", "LDIFLocationURL of main entries", judgeEntryLocation),
		everyEntry("PEC-DIR-014", "LDIFLocationURL of secondary environments", judgeSecondaryLocation),
		everyEntry("PEC-DIR-015", "path and main entry of secondary environments", judgeSecondaryPath),
		{Rule: "PEC-DIR-027", Looks: "the definitions that the directory's schema publishes", Look: judgeSchema},
	}
}

// everyEntry makes a judge that looks at the entry of each provider, in files
// and over LDAP, where it was read with all its attributes.
func everyEntry(rule, looks string, look func(*View, *Reading, *directory.Record, Where, *Findings)) Judge {
	return Judge{Rule: rule, Looks: looks, Look: func(v *View, f *Findings) {
		for _, r := range v.judgedReadings(centralFile, providerFile, overLDAP) {
			for i := range r.Shows.Records {
				e := &r.Shows.Records[i]
				if isEntry(e) && r.entire() && !v.ownEntry(e, r.At) {
					look(v, r, e, r.Where(entryPart(e)), f)
				}
			}
		}
	}}
}

// wholeDirectory makes a judge that looks at each reading of the complete
// directory.
func wholeDirectory(rule, looks string, look func(*View, *Reading, *Findings)) Judge {
	return Judge{Rule: rule, Looks: looks, Look: func(v *View, f *Findings) {
		for _, r := range v.judgedReadings(centralFile, overLDAP) {
			if r.whole() && r.entire() {
				look(v, r, f)
			}
		}
	}}
}

// entryPart names an entry for a person.
func entryPart(e *directory.Record) string { return fmt.Sprintf("entry %s, line %d", e.DN, e.Line) }
