package steps

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// span is a length of time as scenarios say it. Months and days are those of
// the calendar in Italian legal time; hours are real ones, also where summer
// time begins or ends.
type span struct {
	months, days int
	rest         time.Duration
}

// after is the instant at that distance from another.
func (s span) after(from time.Time) time.Time {
	if s.months == 0 && s.days == 0 {
		return from.Add(s.rest)
	}
	return from.In(pec.Zone()).AddDate(0, s.months, s.days).Add(s.rest)
}

const (
	quantityPattern = `(?:an?|one|two|three|\d+) (?:second|minute|hour|day|month)s?`
	spanPattern     = quantityPattern + `(?: and ` + quantityPattern + `)?(?: less ` + quantityPattern + `)?`
)

var oneQuantity = regexp.MustCompile(`^(an?|one|two|three|\d+) (second|minute|hour|day|month)s?$`)

// parseSpan reads "12 hours", "22 hours and 59 minutes", "30 months less a day".
func parseSpan(words string) (span, error) {
	var s span
	whole, less, _ := strings.Cut(words, " less ")
	for _, part := range strings.Split(whole, " and ") {
		if err := s.add(part, 1); err != nil {
			return span{}, err
		}
	}
	if less != "" {
		if err := s.add(less, -1); err != nil {
			return span{}, err
		}
	}
	return s, nil
}

func (s *span) add(words string, sign int) error {
	match := oneQuantity.FindStringSubmatch(words)
	if match == nil {
		return fmt.Errorf("%q is no length of time: expected for instance \"12 hours\" or \"22 hours and 59 minutes\"", words)
	}
	n, known := map[string]int{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}[match[1]]
	if !known {
		var err error
		if n, err = strconv.Atoi(match[1]); err != nil || n > 100_000 {
			return fmt.Errorf("%q: expected a number of at most 100000", words)
		}
	}
	n *= sign
	switch match[2] {
	case "second":
		s.rest += time.Duration(n) * time.Second
	case "minute":
		s.rest += time.Duration(n) * time.Minute
	case "hour":
		s.rest += time.Duration(n) * time.Hour
	case "day":
		s.days += n
	case "month":
		s.months += n
	}
	return nil
}
