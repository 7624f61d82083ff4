package console

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// person returns the lane of an address. Beyond maxLanes recipients share one.
func (a *artist) person(address string, rank int) int {
	key := "person " + strings.ToLower(address)
	if i := a.find(key); i >= 0 {
		return i
	}
	if rank == rankRecipient {
		persons := 0
		for _, l := range a.Lanes {
			if l.rank == rankRecipient {
				persons++
			}
		}
		if persons >= maxLanes {
			return a.lane(lane{Key: "others", Name: a.Say("flow.others"), Kind: "person", rank: rank})
		}
	}
	local, _, _ := strings.Cut(address, "@")
	name := cmp.Or(a.accounts[strings.ToLower(address)].Actor, local)
	return a.lane(lane{Key: key, Name: name, Detail: address, Kind: "person", rank: rank})
}

// at returns the lane of a host, by its name.
func (a *artist) at(name string) int {
	l := lane{Key: "host " + name, Name: name, Kind: "outside", rank: rankHost}
	if h := a.named(name); h != nil {
		if l.Kind = "ordinary"; h.Provider {
			l.Kind = "provider"
		}
		if len(h.Domains) > 0 {
			l.Detail = h.Domains[0]
		}
	}
	if name == a.home {
		l.rank = rankHome
	}
	return a.lane(l)
}

// destination is the lane of the host that a line tells of not reaching.
func (a *artist) destination(l LogLine) int {
	to := first(l.Recipients)
	if h := a.host(to); h != nil {
		return a.at(h.Name)
	}
	return a.at(to[strings.LastIndexByte(to, '@')+1:])
}

func (a *artist) find(key string) int {
	return slices.IndexFunc(a.Lanes, func(l lane) bool { return l.Key == key })
}

func (a *artist) lane(l lane) int {
	if i := a.find(l.Key); i >= 0 {
		return i
	}
	a.Lanes = append(a.Lanes, l)
	return len(a.Lanes) - 1
}

// add appends an arrow, or counts it with the one before when nobody could
// tell them apart.
func (a *artist) add(w arrow) {
	w.Count = 1
	if n := len(a.Arrows); n > 0 {
		last := &a.Arrows[n-1]
		if last.Divider == "" && last.From == w.From && last.To == w.To && last.Label == w.Label && last.Missing == w.Missing && last.SHA256 == w.SHA256 {
			last.Count++
			return
		}
	}
	a.Arrows = append(a.Arrows, w)
}

// longWait is from when on it is said that legal time went by.
const longWait = 10 * time.Minute

// passTime says that much legal time went by.
func (a *artist) passTime(at time.Time) {
	if !a.last.IsZero() && at.Sub(a.last) >= longWait {
		a.Arrows = append(a.Arrows, arrow{Divider: a.Say("flow.later", a.span(at.Sub(a.last))), At: at})
	}
	if at.After(a.last) {
		a.last = at
	}
}

// span says a duration in whole minutes, hours or days.
func (s speaker) span(d time.Duration) string {
	d = d.Round(time.Minute)
	switch {
	case d >= 48*time.Hour:
		return s.Count("span.days", int(d.Hours()+0.5)/24)
	case d >= time.Hour && d%time.Hour < time.Minute:
		return s.Count("span.hours", int(d.Hours()))
	case d >= time.Hour:
		return s.Say("span.both", int(d.Hours()), int(d.Minutes())%60)
	}
	return s.Count("span.minutes", int(d.Minutes()))
}

// arrange puts the lanes into their order from left to right: recipients stand
// beside the host that serves them when the picture stays readable.
func (a *artist) arrange() {
	order := make([]int, len(a.Lanes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(a.Lanes[x].rank, a.Lanes[y].rank) })
	lanes, place := make([]lane, len(order)), make([]int, len(order))
	for to, from := range order {
		lanes[to], place[from] = a.Lanes[from], to
	}
	a.Lanes = lanes
	for i := range a.Arrows {
		if w := &a.Arrows[i]; w.Divider == "" {
			w.From, w.To = place[w.From], place[w.To]
		}
	}
}
