package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// entriesKept compares what was read of the same entry at different times, in
// the log and in extracts of it.
func (v *View) entriesKept(f *Findings) {
	type key struct {
		provider, event, message string
		at                       int64
	}
	type reading struct {
		entry evidence.JournalEntry
		at    time.Time
	}
	known := map[key][]reading{}
	for _, e := range v.Case.Events {
		list := e.Journal
		if e.LogExtract != nil {
			list = slices.Clone(e.LogExtract.Entries)
			for i := range list {
				list[i].Provider = e.LogExtract.Provider
			}
		}
		for _, j := range list {
			if !v.judged(j.Provider) || j.At.IsZero() {
				continue
			}
			k := key{j.Provider, j.Event, bareID(j.MessageID) + " " + strings.Join(j.Related, " "), j.At.UnixNano()}
			for _, earlier := range known[k] {
				if e.At.Sub(earlier.at) < logSavedIn {
					continue // hardly a test of keeping
				}
				where := Where{Part: fmt.Sprintf("log of %s, %s", j.Provider, j.Event)}
				if difference := entryDifference(earlier.entry, j); difference != "" {
					f.Broken(where, "the entry of "+legalTime(j.At)+" as it was read on "+legalTime(earlier.at), difference)
				} else {
					f.Holds(where, "unmodified after "+shownDays(e.At.Sub(earlier.at)))
				}
				break
			}
			known[k] = append(known[k], reading{j, e.At})
		}
	}
}

// entryDifference says in which field two readings of an entry differ, "" when
// they do not.
func entryDifference(a, b evidence.JournalEntry) string {
	for _, field := range []struct{ name, was, is string }{
		{"identifier", a.Identifier, b.Identifier},
		{"sender", a.Sender, b.Sender},
		{"subject", a.Subject, b.Subject},
		{"issuer", a.Issuer, b.Issuer},
		{"detail", a.Detail, b.Detail},
		{"recipients", strings.Join(a.Recipients, ", "), strings.Join(b.Recipients, ", ")},
	} {
		if field.was != field.is {
			return field.name + " was " + shown(field.was) + " and is " + shown(field.is)
		}
	}
	return ""
}
