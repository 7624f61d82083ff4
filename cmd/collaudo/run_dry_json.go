package main

import "github.com/collaudo/collaudo/conformance"

// planSchema is the version of the form of 'collaudo run --dry-run --json'.
const planSchema = "collaudo/plan/1"

// planned is a plan as a program reads it.
type planned struct {
	Schema     string            `json:"schema"`
	Scope      string            `json:"scope"`
	Addresses  []string          `json:"addresses"`            // where it would go, this machine left out
	NotAllowed string            `json:"notAllowed,omitempty"` // why the target file does not let it
	Scenarios  []plannedScenario `json:"scenarios"`
}

type plannedScenario struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Rules   []string `json:"rules"`
	Played  bool     `json:"played"`
	Lacking []string `json:"lacking,omitempty"`
	Waits   float64  `json:"waitsHours,omitempty"` // of real time, for legal time to pass
}

func planDocument(p *conformance.Plan) planned {
	d := planned{Schema: planSchema, Scope: p.Scope, Addresses: append([]string{}, p.Addresses...), Scenarios: []plannedScenario{}}
	if p.Allowed != nil {
		d.NotAllowed = plain(p.Allowed).Error()
	}
	for _, s := range p.Scenarios {
		d.Scenarios = append(d.Scenarios, plannedScenario{
			ID: s.ID, Name: s.Name, Rules: append([]string{}, s.Rules...),
			Played: len(s.Lacking) == 0, Lacking: s.Lacking, Waits: s.Waits.Hours(),
		})
	}
	return d
}
