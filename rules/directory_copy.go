package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/directory"
)

// directoryCopyJudges look at what a provider makes of its copy of the
// directory: whom it labels as certified, whose signatures it takes (RFC 6109
// 2.2.1, 2.2.2, 4.5).
func directoryCopyJudges() []Judge {
	return []Judge{
		{Rule: "PEC-DIR-022", Looks: "the label of recipients in a domain that was added, from a day later on", Look: judgeNewDomain},
		{Rule: "PEC-DIR-023", Looks: "acceptance and labels while the directory server was down", Look: judgeDirectoryDown},
		{Rule: "PEC-DIR-026", Looks: "domains and hashes that are listed in another letter case than they are looked up in", Look: judgeLetterCase},
		{Rule: "PEC-DIR-029", Looks: "what is made of directory files in the form of the printed examples", Look: judgePrintedForm},
		{Rule: "PEC-DIR-031", Looks: "labels after a damaged complete directory was fetched", Look: judgeDamagedDirectory},
	}
}

// eachLabel calls look for the label of each recipient of each submission, by
// the acceptance or the envelope that says it.
func eachLabel(v *View, look func(t *Transaction, l labelled, address, label string)) {
	for _, t := range accessSubmissions(v) {
		for _, l := range labelledOf(t) {
			for _, r := range distinct(t.recipients()) {
				look(t, l, r, l.label(r))
			}
		}
	}
}

// judgeNewDomain looks from when a domain was added until a lawfully signed
// older file, which does not have it, was published again: what a provider is to
// make of that one is for no rule.
func judgeNewDomain(v *View, f *Findings) {
	for i, c := range v.Changes {
		if c.Subject == "" || c.What != domainAdded && (c.What != filePublished || c.Manner != mannerGood) {
			continue
		}
		due := c.At.Add(daily)
		if c.What == filePublished {
			due = due.Add(daily) // the directory has a day of its own to take the file up
		}
		undone := slices.IndexFunc(v.Changes[i+1:], func(later *Change) bool {
			return later.What == filePublished && later.Manner == mannerRolledBack && strings.EqualFold(later.Subject, c.Subject)
		})
		eachLabel(v, func(t *Transaction, l labelled, address, label string) {
			if !strings.EqualFold(domainOf(address), c.Subject) || t.Started.Before(c.At) ||
				undone >= 0 && !t.Started.Before(v.Changes[i+1+undone].At) {
				return
			}
			where := l.Where("daticert.xml")
			after := t.Started.Sub(c.At).Round(time.Minute)
			switch {
			case label == labelWord(true):
				f.Holds(where, fmt.Sprintf("%s: %s, %s after the domain was added", address, label, after))
			case t.Started.Before(due): // not yet due
			default:
				f.Broken(where, fmt.Sprintf("%s: %s, because %s was in the directory since %s", address, labelWord(true), c.Subject, legalTime(c.At)),
					fmt.Sprintf("%s: %s, %s later", address, orNone(label), after))
			}
		})
	}
}

func orNone(label string) string {
	if label == "" {
		return "no entry"
	}
	return label
}

// judgeDirectoryDown looks at lawful submissions that were made while the server
// was down.
func judgeDirectoryDown(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if v.downAt(t.Started) && len(breachesOf(v, t)) == 0 {
			judgeWorking(v, f, t, "while the directory was down")
		}
	}
}

// downAt tells that a host of the target had last found the complete directory
// down at that instant.
func (v *View) downAt(at time.Time) bool {
	down := false
	for _, s := range v.Servings {
		switch {
		case s.What != centralFile || s.At.After(at):
		case s.Manner == mannerDown:
			down = true
		case s.File != nil && !unfit(s.File, s.Manner):
			down = false
		}
	}
	return down
}

// judgeWorking demands that a lawful submission was accepted and its
// recipients labelled as before.
func judgeWorking(v *View, f *Findings, t *Transaction, when string) {
	known := v.directoryAt(t.Started)
	if known == nil {
		return
	}
	where := t.Where("")
	acceptances := slices.DeleteFunc(labelledOf(t), func(l labelled) bool { return l.data.Kind != pec.Acceptance })
	switch {
	case len(acceptances) > 0:
	case !v.Case.Settled:
		f.Unable(where, notSettled)
		return
	default:
		f.Broken(where, "an acceptance "+when, outcomeOf(t).String())
		return
	}
	for _, l := range acceptances {
		for _, r := range distinct(t.recipients()) {
			if want, got := labelWord(known.RecordOfDomain(domainOf(r)) != nil), l.label(r); got != want {
				f.Broken(l.Where("daticert.xml"), r+": "+want+" "+when+", as the copy says", r+": "+orNone(got))
				return
			}
		}
		f.Holds(l.Where("daticert.xml"), "accepted and labelled "+when)
	}
}

// judgeDamagedDirectory looks at the labels of recipients about which the last
// good directory and the damaged one do not agree.
func judgeDamagedDirectory(v *View, f *Findings) {
	for i, s := range v.Servings {
		if s.What != centralFile || !unfit(s.File, s.Manner) {
			continue
		}
		good := v.goodBefore(i)
		if good == nil {
			continue
		}
		until := time.Time{}
		for _, next := range v.Servings[i+1:] {
			if next.What == centralFile && next.File != nil && !unfit(next.File, next.Manner) {
				until = next.At
				break
			}
		}
		eachLabel(v, func(t *Transaction, l labelled, address, label string) {
			if !t.Started.After(s.At) || !until.IsZero() && t.Started.After(until) {
				return
			}
			listed := good.RecordOfDomain(domainOf(address)) != nil
			lie := s.File.Directory != nil && s.File.Directory.RecordOfDomain(domainOf(address)) != nil
			where := l.Where("daticert.xml")
			switch {
			case listed == lie: // it says nothing about which of them is in use
			case label == labelWord(listed):
				f.Holds(where, fmt.Sprintf("%s: %s, by the last good copy", address, label))
			default:
				f.Broken(where, fmt.Sprintf("%s: %s, by the last good copy", address, labelWord(listed)),
					fmt.Sprintf("%s: %s, as the file says that was %s", address, orNone(label), s.Manner))
			}
		})
	}
}

// goodBefore returns the last good directory before a serving: one that was
// served, or what the target showed as its own.
func (v *View) goodBefore(i int) *directory.Directory {
	for j := i - 1; j >= 0; j-- {
		if s := v.Servings[j]; s.What == centralFile && s.File.verifies() && s.File.Directory != nil && !unfit(s.File, s.Manner) {
			return s.File.Directory
		}
	}
	return v.directoryAt(v.Servings[i].At)
}
