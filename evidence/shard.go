package evidence

import "fmt"

// Shard says which part of a selection a run played, and what there is to play
// in all: whoever puts the parts together again can tell that none is missing.
type Shard struct {
	Index int `json:"index"` // from 1
	Count int `json:"count"`
	// Scope that the run would have without shards: full or subset.
	Scope string `json:"scope"`
	// Selected are the ids of all scenarios chosen, those of the other shards
	// included, in the order of an unsharded run.
	Selected []string `json:"selected"`
	// Material is the SHA-256 of the texts of all these scenarios, hex: shards
	// of different texts do not belong together, whatever their versions say.
	Material string `json:"material"`
}

// String is the shard as the command line takes it, such as 2/4.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }

// Part is a shard that the evidence of a run was put together from.
type Part struct {
	Shard  string `json:"shard"`  // such as 2/4
	Events string `json:"events"` // SHA-256 of its event log, hex
}
