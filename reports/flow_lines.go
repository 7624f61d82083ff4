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
	return a.line("host "+name, name, "provider", "provider", rankProvider)
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
	return a.line("host "+name, cmp.Or(name, "mail host"), "mail host", "ordinary", rankProvider)
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
