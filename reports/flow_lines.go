package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// lifeline is somebody who sends or receives.
type lifeline struct {
	Name   string // "Anna", "Aurora PEC S.p.A."
	Detail string // her address, or what the machine is
	Kind   string // actor, provider or ordinary: how it is drawn

	key  string
	rank int // from left to right
}

// Ranks of lifelines: who sends stands left, who receives right.
const (
	rankSender = iota
	rankProvider
	rankReceiver
	rankOrdinary
)

// mailbox returns the lifeline of an address that receives.
func (a *artist) mailbox(address string) int {
	name, kind, rank := address, "actor", rankReceiver
	if box := a.view.Case.Mailbox(address); box != nil {
		name = cmp.Or(box.Actor, address)
		if box.Role == evidence.OrdinaryMailbox {
			kind, rank = "ordinary", rankOrdinary
		}
	}
	return a.line("mailbox "+strings.ToLower(address), name, address, kind, rank)
}

func (a *artist) provider(name string) int {
	detail := a.words.Text("flow.provider")
	for _, p := range a.view.Case.World.Providers {
		if p.Name == name && p.Emitter == evidence.Harness {
			detail = a.words.Text("flow.played")
		}
	}
	return a.line("host "+name, name, detail, "provider", rankProvider)
}

// host returns the lifeline of the machine that was spoken to: a provider, or
// the ordinary mail host.
func (a *artist) host(name, account string) int {
	if name == "" {
		if p := a.view.Case.ProviderOf(account); p != nil {
			name = p.Name
		}
	}
	for _, p := range a.view.Case.World.Providers {
		if p.Name == name {
			return a.provider(name)
		}
	}
	return a.line("host "+name, cmp.Or(name, a.words.Text("flow.mail-host")), a.words.Text("flow.mail-host"), "ordinary", rankProvider)
}

// line returns the lifeline with that key, new or known. Who once was a sender
// stays left.
func (a *artist) line(key, name, detail, kind string, rank int) int {
	for i := range a.flow.Lines {
		if a.flow.Lines[i].key == key {
			a.flow.Lines[i].rank = min(a.flow.Lines[i].rank, rank)
			return i
		}
	}
	a.flow.Lines = append(a.flow.Lines, lifeline{Name: name, Detail: detail, Kind: kind, key: key, rank: rank})
	return len(a.flow.Lines) - 1
}

// Bounds of a drawing: beyond them it is shown in part.
const (
	maxArrows = 40
	maxLines  = 9
	someLines = 6 // that are kept where there are too many
)

// cut leaves out what would make the drawing too long or too wide to be read:
// the list below it has everything.
func (a *artist) cut() {
	f := &a.flow
	lines := len(f.Lines)
	if lines > maxLines {
		lines = someLines
	}
	var kept []arrow
	met := map[int]bool{}
	left := 0
	for _, w := range f.Arrows {
		fits := len(kept) < maxArrows
		if w.Divider == "" && fits {
			fresh := map[int]bool{}
			for _, line := range []int{w.From, w.To} {
				if !met[line] {
					fresh[line] = true
				}
			}
			if fits = len(met)+len(fresh) <= lines; fits {
				met[w.From], met[w.To] = true, true
			}
		}
		if fits {
			kept = append(kept, w)
		} else if w.Divider == "" {
			left += w.Count
		}
	}
	if left == 0 {
		return
	}
	f.Arrows = append(kept, arrow{Divider: a.words.Text("flow.cut", a.words.Count(left, "count.more-arrows"))})
	position := make([]int, len(f.Lines))
	var drawn []lifeline
	for i, l := range f.Lines {
		position[i] = len(drawn)
		if met[i] {
			drawn = append(drawn, l)
		}
	}
	f.Lines = drawn
	for i := range f.Arrows {
		if w := &f.Arrows[i]; w.Divider == "" {
			w.From, w.To = position[w.From], position[w.To]
		}
	}
}

// order puts the lifelines from left to right by rank, and turns the arrows'
// indices accordingly.
func (a *artist) order() {
	from := make([]int, len(a.flow.Lines))
	for i := range from {
		from[i] = i
	}
	slices.SortStableFunc(from, func(i, j int) int { return cmp.Compare(a.flow.Lines[i].rank, a.flow.Lines[j].rank) })
	lines, to := make([]lifeline, len(from)), make([]int, len(from))
	for position, old := range from {
		lines[position], to[old] = a.flow.Lines[old], position
	}
	a.flow.Lines = lines
	for i := range a.flow.Arrows {
		w := &a.flow.Arrows[i]
		if w.Divider == "" {
			w.From, w.To = to[w.From], to[w.To]
		}
	}
}
