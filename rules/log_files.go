package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/collaudo/collaudo/evidence"
)

// savedLogJudges answer for the log as it is kept: the files in which it is
// saved, for 30 months, and what a holder is handed out of it (RFC 6109 2.3;
// decree, article 10; DPR 68/2005, articles 6(7) and 11(2)).
func savedLogJudges() []Judge {
	return []Judge{
		{Rule: "PEC-LOG-004", Looks: "saved log files, against earlier readings and against what they have to reach back to", Look: logKept},
		{Rule: "PEC-LOG-005", Looks: "intervals of saved log files, their content and their time stamps", Look: logSavedDaily},
		{Rule: "PEC-LOG-007", Looks: "log entries of every receipt, notice and envelope of a transaction: which, about whom, of which message", Needs: []Need{NeedJournal}, Look: transactionLogged},
		{Rule: "PEC-LOG-008", Looks: "log extracts handed to holders, against the log and the other messages of the scenario", Look: extractHandedOut},
	}
}

// How long the log is kept, and how often it is saved.
const (
	logMonths  = 30
	logSavedIn = 24 * time.Hour
)

// loggedUntil returns until when what was logged at an instant is kept: so many
// months later by the calendar, in legal time.
func loggedUntil(at time.Time) time.Time { return at.In(legalZone()).AddDate(0, logMonths, 0) }

// savedLog is what one reading found of one provider's files, in the order of
// what they cover.
type savedLog struct {
	provider string
	at       time.Time // legal time of the reading
	files    []evidence.LogFile
}

// savedLogs returns the readings in order. A reading that found nothing does
// not say whose log it was: provider is then "".
func (v *View) savedLogs() []savedLog {
	var all []savedLog
	var now time.Time
	for _, e := range v.Case.Events {
		if e.Clock != nil && e.Clock.Now.After(now) {
			now = e.Clock.Now
		}
		if e.At.After(now) {
			now = e.At
		}
		if e.Type != evidence.LogFilesRead {
			continue
		}
		if len(e.LogFiles) == 0 {
			all = append(all, savedLog{at: now})
		}
		var names []string
		for _, f := range e.LogFiles {
			if !slices.Contains(names, f.Provider) {
				names = append(names, f.Provider)
			}
		}
		for _, name := range names {
			files := slices.DeleteFunc(slices.Clone(e.LogFiles), func(f evidence.LogFile) bool { return f.Provider != name })
			slices.SortStableFunc(files, func(a, b evidence.LogFile) int { return a.From.Compare(b.From) })
			all = append(all, savedLog{name, now, files})
		}
	}
	return all
}

func whereFile(f evidence.LogFile) Where {
	return Where{Blob: f.Blob, Part: "log file " + f.Name + " of " + f.Provider}
}

func shownInterval(f evidence.LogFile) string {
	return f.Name + ", from " + legalTime(f.From) + " to " + legalTime(f.Until)
}

// operations returns when the provider certainly logged something about a
// message, by the log itself and by the submissions that it accepted.
func (v *View) operations(provider string) []time.Time {
	var all []time.Time
	for _, j := range v.Case.Journal {
		if j.Provider == provider && slices.Contains(generating, j.Event) && !j.At.IsZero() {
			all = append(all, j.At)
		}
	}
	for _, t := range v.Transactions {
		if at, known := t.dispatchedAt(); known && t.Host == provider && t.accepted() {
			all = append(all, at)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// logKept compares readings; and of a single late reading it asks that it
// reaches back to what happened within the 30 months.
func logKept(v *View, f *Findings) {
	v.entriesKept(f)
	readings := v.savedLogs()
	for i, later := range readings {
		for _, earlier := range readings[:i] {
			if earlier.provider == "" || later.provider != "" && later.provider != earlier.provider || !v.judged(earlier.provider) {
				continue
			}
			if later.provider == "" && v.readAgain(readings[i+1:], earlier.provider) {
				continue // the empty reading was of another provider's files
			}
			for _, file := range earlier.files {
				if !file.Until.After(earlier.at) {
					f.keptFile(file, earlier, later)
				}
			}
		}
		if later.provider == "" || !v.judged(later.provider) {
			continue
		}
		for _, at := range v.operations(later.provider) {
			age := later.at.Sub(at)
			if age < 2*logSavedIn || loggedUntil(at).Before(later.at) {
				continue
			}
			if k := covering(later.files, at); k >= 0 {
				f.Holds(whereFile(later.files[k]), "still there after "+shownDays(age))
			} else {
				f.Broken(Where{Part: "log files of " + later.provider}, "a file that covers "+legalTime(at)+", "+shownDays(age)+" ago: kept for 30 months", later.reach())
			}
		}
	}
}

func (v *View) readAgain(readings []savedLog, provider string) bool {
	return slices.ContainsFunc(readings, func(r savedLog) bool { return r.provider == provider })
}

func (f *Findings) keptFile(file evidence.LogFile, earlier, later savedLog) {
	k := slices.IndexFunc(later.files, func(other evidence.LogFile) bool { return other.Name == file.Name })
	due := loggedUntil(file.Until)
	switch {
	case k >= 0 && later.files[k].Blob != file.Blob:
		f.Broken(whereFile(later.files[k]), "the octets that were read on "+legalTime(earlier.at), "other octets on "+legalTime(later.at))
	case k >= 0:
		f.Holds(whereFile(file), "unmodified on "+legalTime(later.at))
	case due.Before(later.at):
		f.Observes(whereFile(file), "gone by "+legalTime(later.at)+", after 30 months")
	default:
		f.Broken(whereFile(file), "kept until "+legalTime(due), "gone by "+legalTime(later.at))
	}
}

// reach says what a reading covers, for a person.
func (r savedLog) reach() string {
	if len(r.files) == 0 {
		return "no files"
	}
	return plural(len(r.files), "file") + ", the first " + shownInterval(r.files[0])
}

func shownDays(d time.Duration) string { return plural(int(d/(24*time.Hour)), "day") }

// covering returns the index of the file that covers the instant, -1 when none
// does.
func covering(files []evidence.LogFile, at time.Time) int {
	return slices.IndexFunc(files, func(f evidence.LogFile) bool { return !at.Before(f.From) && !at.After(f.Until) })
}

func logSavedDaily(v *View, f *Findings) {
	readings := v.savedLogs()
	looked := map[evidence.LogFile]bool{} // what a later reading finds again is the same file
	for _, r := range readings {
		if r.provider == "" || !v.judged(r.provider) {
			continue
		}
		v.judgeSaved(r, f)
		for _, file := range r.files {
			if !looked[file] {
				looked[file] = true
				v.judgeFile(file, f)
			}
		}
	}
	for _, r := range readings {
		if r.provider != "" {
			continue
		}
		for _, p := range v.Case.World.Providers {
			ops := v.operations(p.Name)
			if v.judged(p.Name) && !v.readAgain(readings, p.Name) && len(ops) > 0 && r.at.Sub(ops[0]) > 2*logSavedIn {
				f.Broken(Where{Part: "log files of " + p.Name}, "a log saved every 24 hours: there are entries since "+legalTime(ops[0]), "no files")
			}
		}
	}
}

func (v *View) judgeSaved(r savedLog, f *Findings) {
	for i, file := range r.files {
		if span := file.Until.Sub(file.From); span > logSavedIn+time.Second && !oneLegalDay(file) {
			f.Broken(whereFile(file), "24 hours at most in one file", shownInterval(file)+", "+span.String())
		}
		if i > 0 && file.From.Sub(r.files[i-1].Until) > time.Second {
			f.Broken(whereFile(file), "no gap after "+legalTime(r.files[i-1].Until), shownInterval(file))
		}
	}
	last := r.files[len(r.files)-1]
	for _, at := range v.operations(r.provider) {
		within := loggedUntil(at).After(r.at)
		if within && r.at.Sub(at) > 2*logSavedIn && covering(r.files, at) < 0 {
			f.Broken(Where{Part: "log files of " + r.provider}, "a file that covers "+legalTime(at)+", when something was logged", r.reach())
		}
	}
	if r.at.Sub(last.Until) > logSavedIn+time.Hour {
		f.Broken(whereFile(last), "a log saved within 24 hours of "+legalTime(r.at), "the last file is "+shownInterval(last))
	}
}

// oneLegalDay tells a file that covers one day of legal time: that of the
// switch in autumn has 25 hours.
func oneLegalDay(f evidence.LogFile) bool {
	from, until := f.From.In(legalZone()), f.Until.In(legalZone())
	return from.AddDate(0, 0, 1).Sub(until).Abs() <= time.Second
}

// judgeFile looks at one file: its time stamp, and that what was logged in its
// interval stands in it.
func (v *View) judgeFile(file evidence.LogFile, f *Findings) {
	octets, err := v.Case.Blob(file.Blob)
	if err != nil {
		f.Unable(whereFile(file), "the octets of the file: "+err.Error())
		return
	}
	kept := true
	if utf8.Valid(octets) { // one that is packed or encrypted cannot be searched
		for _, j := range v.Case.Journal {
			if j.Provider != file.Provider || !slices.Contains(generating, j.Event) || j.At.Before(file.From) || !j.At.Before(file.Until) {
				continue
			}
			if lost := unsaved(string(octets), j); lost != "" {
				kept = false
				f.Broken(whereFile(file), fmt.Sprintf("the entry %q of %s, about %s", j.Event, legalTime(j.At), lost), "not in the file")
			}
		}
	}
	if problem := v.stampProblem(file, octets); problem != nil {
		f.Broken(whereFile(file), problem.expected, problem.seen)
	} else if kept {
		f.Holds(whereFile(file), shownInterval(file)+", time-stamped")
	}
}

// unsaved returns the identifier of an entry of which nothing stands in the
// text, "" when it is there.
func unsaved(text string, j evidence.JournalEntry) string {
	for _, id := range []string{bareID(j.MessageID), bareID(j.Identifier)} {
		if id != "" && strings.Contains(text, id) {
			return ""
		}
	}
	if id := bareID(j.MessageID); id != "" {
		return id
	}
	return bareID(j.Identifier)
}
