package certification

import (
	"fmt"
	"regexp"
	"time"
)

// The layouts are checked by form first: time.Parse takes "1/2/2006" for
// "02/01/2006" and other liberties.
var (
	dayForm  = regexp.MustCompile(`^[0-9]{2}/[0-9]{2}/[0-9]{4}$`)
	timeForm = regexp.MustCompile(`^[0-9]{2}:[0-9]{2}:[0-9]{2}$`)
	zoneForm = regexp.MustCompile(`^[+-][0-9]{4}$`)
)

// Instant returns the instant that day, time and zone name (RFC 6109 4.4:
// dd/mm/yyyy, hh:mm:ss, +hhmm), or an error that says which of them is not in
// its format.
func (d *Data) Instant() (time.Time, error) {
	switch {
	case !dayForm.MatchString(d.Day):
		return time.Time{}, fmt.Errorf("certification data: expected giorno as dd/mm/yyyy, got %q", clip(d.Day))
	case !timeForm.MatchString(d.Time):
		return time.Time{}, fmt.Errorf("certification data: expected ora as hh:mm:ss, got %q", clip(d.Time))
	case !zoneForm.MatchString(d.Zone):
		return time.Time{}, fmt.Errorf("certification data: expected zona as +hhmm or -hhmm, got %q", clip(d.Zone))
	}
	at, err := time.Parse("02/01/2006 15:04:05 -0700", d.Day+" "+d.Time+" "+d.Zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("certification data: %q, %q, %q name no instant: %w", d.Day, d.Time, d.Zone, err)
	}
	return at, nil
}
