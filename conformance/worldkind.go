package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// worldKind is what the tags of a scenario ask of its world.
type worldKind struct {
	oddDirectory   bool     // the peers' records list certificates that are wrong on purpose
	playsDirectory bool     // the providers fetch the directory from the harness
	faults         []string // that the providers have besides those of the run
	ports          *ports   // for what the harness plays, where it is to listen there later; nil: any free ones
	moment         string   // legal time begins shortly before the next such moment; "" begins now
}

// Tags that say what world a scenario needs.
const (
	tagOddDirectory   = "@odd-directory"
	tagPlaysDirectory = "@plays-directory"
	tagClock          = "@clock:"
	tagFault          = "@fault:"
)

// lead is how long before its moment a world begins: long enough to send a
// message on this side of it.
const lead = 15 * time.Minute

// moments are those around which legal time is odd, by the words of the tag.
// Each tells the one of a year; a year without has none.
func moments() map[string]func(year int) (time.Time, bool) {
	return map[string]func(year int) (time.Time, bool){
		"spring":   func(year int) (time.Time, bool) { return lastSunday(year, time.March), true },
		"autumn":   func(year int) (time.Time, bool) { return lastSunday(year, time.October), true },
		"year-end": func(year int) (time.Time, bool) { return time.Date(year, 1, 1, 0, 0, 0, 0, pec.Zone()), true },
		"leap-day": func(year int) (time.Time, bool) {
			day := time.Date(year, 2, 29, 0, 0, 0, 0, pec.Zone())
			return day, day.Day() == 29
		},
	}
}

// lastSunday is when summer time begins or ends in the Union: at 01:00 UTC.
func lastSunday(year int, month time.Month) time.Time {
	day := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
	return day.AddDate(0, 0, -int(day.Weekday()))
}

// worldKindOf reads the tags of a scenario.
func worldKindOf(tags []string) (worldKind, error) {
	kind := worldKind{
		oddDirectory:   slices.Contains(tags, tagOddDirectory),
		playsDirectory: slices.Contains(tags, tagPlaysDirectory),
	}
	for _, tag := range tags {
		if id, is := strings.CutPrefix(tag, tagFault); is {
			kind.faults = append(kind.faults, id)
		}
		moment, is := strings.CutPrefix(tag, tagClock)
		if !is {
			continue
		}
		if _, known := moments()[moment]; !known {
			return kind, fmt.Errorf("tag %s: expected spring, autumn, year-end or leap-day after %s", tag, tagClock)
		}
		if kind.moment != "" {
			return kind, fmt.Errorf("tag %s: the scenario already begins before %s", tag, kind.moment)
		}
		kind.moment = moment
	}
	return kind, nil
}

// begins is when legal time begins in such a world.
func (k worldKind) begins(now time.Time) time.Time {
	of := moments()[k.moment]
	if of == nil {
		return now
	}
	for year := now.Year(); ; year++ { // a leap year comes within eight
		if at, is := of(year); is && at.Add(-lead).After(now) {
			return at.Add(-lead)
		}
	}
}
