package steps

import (
	"regexp"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
)

func TestSpans(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 3, 28, 0, 50, 0, 0, time.UTC) // ten minutes before summer time begins in Italy
	table := []struct {
		words string
		want  time.Time
	}{
		{"12 hours", start.Add(12 * time.Hour)},
		{"an hour", start.Add(time.Hour)},
		{"one minute", start.Add(time.Minute)},
		{"22 hours and 59 minutes", start.Add(22*time.Hour + 59*time.Minute)},
		{"24 hours", start.Add(24 * time.Hour)},
		{"a day", start.Add(23 * time.Hour)}, // the clock on the wall shows the same
		{"2 days less 1 second", start.Add(47*time.Hour - time.Second)},
		{"30 months less a day", time.Date(2029, 9, 26, 23, 50, 0, 0, time.UTC)},
		{"30 months and a day", time.Date(2029, 9, 28, 23, 50, 0, 0, time.UTC)},
	}
	whole := regexp.MustCompile("^(?:" + spanPattern + ")$")
	for _, row := range table {
		if !whole.MatchString(row.words) {
			t.Errorf("the pattern does not match %q", row.words)
		}
		s, err := parseSpan(row.words)
		if err != nil {
			t.Errorf("%q: %v", row.words, err)
			continue
		}
		if got := s.after(start); !got.Equal(row.want) {
			t.Errorf("%q after %v: got %v, want %v", row.words, start, got.In(pec.Zone()), row.want.In(pec.Zone()))
		}
	}
	for _, words := range []string{"", "soon", "12", "hours", "-1 hours", "999999 days", "1 hour and"} {
		if s, err := parseSpan(words); err == nil {
			t.Errorf("%q was read as %+v, expected an error", words, s)
		}
	}
}
