package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// scopeShard is the scope of one part of several, which is to be merged.
const scopeShard = "shard"

// maxShards bounds a split: more parts than there are scenarios make no sense.
const maxShards = 10_000

// Shard is one part of a selection that several machines share; zero: all of it.
type Shard struct{ Index, Count int } // Index from 1 to Count

// fromZero marks a shard that is counted from zero, as the indexes of a
// Kubernetes Job are: where it runs there is no shell to add one.
const fromZero = "index="

// ParseShard reads a shard as the command line gives it: "2/4" is the second of
// four, and so is "index=1/4", which counts from zero.
func ParseShard(text string) (Shard, error) {
	refuse := func(why string) (Shard, error) {
		return Shard{}, fmt.Errorf("%w: shard %q: %s; give i/n, such as 2/4 for the second of four, or %si/n where i counts from zero", ErrUsage, text, why, fromZero)
	}
	fraction, zero := strings.CutPrefix(text, fromZero)
	part, whole, found := strings.Cut(fraction, "/")
	if !found {
		return refuse("there is no / in it")
	}
	index, err := strconv.Atoi(part)
	if err != nil {
		return refuse(fmt.Sprintf("%q is no number", part))
	}
	count, err := strconv.Atoi(whole)
	if err != nil {
		return refuse(fmt.Sprintf("%q is no number", whole))
	}
	first := 1
	if zero {
		first = 0
	}
	switch {
	case count < 1 || count > maxShards:
		return refuse(fmt.Sprintf("n is %d, and must lie between 1 and %d", count, maxShards))
	case index < first || index > count-1+first:
		return refuse(fmt.Sprintf("i is %d, and must lie between %d and %d", index, first, count-1+first))
	}
	return Shard{index + 1 - first, count}, nil
}

// share returns the ids that the shard plays: sorted by id and dealt out in
// turn, so that neither the order of the files nor that of the flags matters
// and neighbours, which tend to take equally long, go to different machines.
func (s Shard) share(ids []string) []string {
	var mine []string
	for i, id := range slices.Sorted(slices.Values(ids)) {
		if i%s.Count == s.Index-1 {
			mine = append(mine, id)
		}
	}
	return mine
}

// shard leaves in a selection what the shard plays, and notes what there was.
func (chosen Selection) shard(s Shard) (Selection, error) {
	if s == (Shard{}) {
		return chosen, nil
	}
	if s.Count < 1 || s.Index < 1 || s.Index > s.Count {
		return Selection{}, fmt.Errorf("%w: there is no shard %d of %d", ErrUsage, s.Index, s.Count)
	}
	if s.Count > len(chosen.Scenarios) {
		return Selection{}, fmt.Errorf("%w: %d scenarios are selected, which is too few for %d shards: one would play nothing; give at most %d", ErrUsage, len(chosen.Scenarios), s.Count, len(chosen.Scenarios))
	}
	whole := chosen.ids()
	chosen.Shard = &evidence.Shard{Index: s.Index, Count: s.Count, Scope: chosen.Scope, Selected: whole, Material: material(chosen.Scenarios)}
	mine := s.share(whole)
	chosen.Scope = scopeShard
	chosen.Scenarios = filter(chosen.Scenarios, func(c Scenario) bool { return slices.Contains(mine, c.ID) })
	return chosen, nil
}

func (chosen Selection) ids() []string {
	var ids []string
	for _, s := range chosen.Scenarios {
		ids = append(ids, s.ID)
	}
	return ids
}

// material is a hash over what the scenarios say.
func material(list []Scenario) string {
	h := sha256.New()
	for _, s := range list {
		io.WriteString(h, s.ID+"\n"+strings.Join(s.Tags, " ")+"\n") //nolint:errcheck // a hash takes everything
		h.Write(s.gherkin())
	}
	return hex.EncodeToString(h.Sum(nil))
}
