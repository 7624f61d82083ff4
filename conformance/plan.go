package conformance

import (
	"time"
)

// Plan is what a run would do. Nothing was sent, and no name was looked up.
type Plan struct {
	Scope     string // of the selection: full, subset or shard
	Scenarios []Planned
	Addresses []string // of the target, those of this machine left out
	Allowed   error    // why the target file does not let the run go there; nil: it does
}

// Planned is one scenario of a plan.
type Planned struct {
	ID, Name string
	Rules    []string
	Lacking  []string      // what it wants and the target does not give; empty: it would be played
	Waits    time.Duration // of real time, for legal time to pass; 0: the clock can be moved, or none has to pass
}

// PlanRun says what a run with these options would play, what not, and why.
func PlanRun(o Options) (*Plan, error) {
	_, selection, err := o.selected()
	if err != nil {
		return nil, err
	}
	p := &Plan{Scope: selection.Scope, Addresses: o.Elsewhere()}
	if description, addresses, _ := o.described(); description != nil {
		_, p.Allowed = openDoor(*description, addresses)
	}
	for _, s := range selection.Scenarios {
		planned := Planned{ID: s.ID, Name: s.Name, Rules: s.Rules}
		if o.Target != nil {
			start := s.start()
			planned.Lacking, planned.Waits = o.Target.Lacks(start), o.Target.Waits(start)
		}
		p.Scenarios = append(p.Scenarios, planned)
	}
	return p, nil
}
