package conformance

import (
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
)

func TestWorldsBeginWhereTheirTagsSay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		tags []string
		want time.Time
	}{
		{[]string{"@core"}, now},
		{[]string{"@clock:spring"}, time.Date(2027, 3, 28, 0, 45, 0, 0, time.UTC)},
		{[]string{"@clock:autumn"}, time.Date(2027, 10, 31, 0, 45, 0, 0, time.UTC)},
		{[]string{"@clock:year-end"}, time.Date(2026, 12, 31, 23, 45, 0, 0, pec.Zone())},
		{[]string{"@clock:leap-day"}, time.Date(2028, 2, 28, 23, 45, 0, 0, pec.Zone())},
	} {
		kind, err := worldKindOf(c.tags)
		if err != nil {
			t.Errorf("%v: %v", c.tags, err)
			continue
		}
		if got := kind.begins(now); !got.Equal(c.want) {
			t.Errorf("%v begins at %v, want %v", c.tags, got, c.want)
		}
	}
}

func TestTimeChangesByAnHourInSuchWorlds(t *testing.T) {
	t.Parallel()
	for moment, want := range map[string]int{"spring": 3600, "autumn": -3600, "year-end": 0, "leap-day": 0} {
		begin := worldKind{moment: moment}.begins(time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC))
		_, before := begin.In(pec.Zone()).Zone()
		_, after := begin.Add(2 * lead).In(pec.Zone()).Zone()
		if after-before != want {
			t.Errorf("around %s the zone changes by %d seconds, want %d", moment, after-before, want)
		}
	}
}

func TestTagsOfWorldsAreClosed(t *testing.T) {
	t.Parallel()
	for _, tags := range [][]string{{"@clock:winter"}, {"@clock:spring", "@clock:autumn"}} {
		if _, err := worldKindOf(tags); err == nil {
			t.Errorf("%v was taken", tags)
		}
	}
	kind, err := worldKindOf([]string{"@odd-directory", "@plays-directory"})
	if err != nil || !kind.oddDirectory || !kind.playsDirectory {
		t.Errorf("got %+v, %v", kind, err)
	}
}
