package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// assemble picks the runs that make up one whole run, by shard, and refuses
// what leaves a doubt about that. version is that of the tool which is going
// to judge them.
func assemble(played []part, version string) (parts []part, replaced []string, err error) {
	for _, p := range played {
		if err := belongs(p, played[0], version); err != nil {
			return nil, nil, err
		}
	}
	byShard := map[int][]part{}
	for _, p := range played {
		byShard[p.log.Run.Shard.Index] = append(byShard[p.log.Run.Shard.Index], p)
	}
	var gaps []string
	for i := 1; i <= played[0].log.Run.Shard.Count; i++ {
		runs := byShard[i]
		if len(runs) == 0 {
			gaps = append(gaps, evidence.Shard{Index: i, Count: played[0].log.Run.Shard.Count}.String())
			continue
		}
		latest, older, err := latestOf(runs)
		if err != nil {
			return nil, nil, err
		}
		if latest.log.Ended.IsZero() {
			return nil, nil, fmt.Errorf("%w: shard %s in %s was cut short: end it with 'collaudo run --resume %s', or play it again into a new folder", ErrUsage, latest.log.Run.Shard, latest.dir, latest.dir)
		}
		parts, replaced = append(parts, latest), append(replaced, older...)
	}
	if len(gaps) > 0 {
		return nil, nil, fmt.Errorf("%w: missing: shard %s; of a run with a gap nothing can be said, so play what is missing with --shard and merge again", ErrUsage, strings.Join(gaps, ", "))
	}
	return parts, replaced, nil
}

// belongs tells whether a run is a shard of the same whole as another.
func belongs(p, first part, version string) error {
	run, other := p.log.Run, first.log.Run
	refuse := func(format string, arguments ...any) error {
		return fmt.Errorf("%w: %s", ErrUsage, fmt.Sprintf(format, arguments...))
	}
	switch {
	case run.Shard == nil && len(run.Merged) > 0:
		return refuse("%s was merged already: give the shards that it was made from", p.dir)
	case run.Shard == nil:
		return refuse("%s is no shard but a run of its own: there is nothing to merge", p.dir)
	case run.Version != version:
		return refuse("%s was played by version %s, and this is version %s, which may judge differently: merge with the version that played the shards", p.dir, run.Version, version)
	case other.Shard == nil:
		return nil // said when its turn comes
	}
	for _, same := range []struct{ what, here, there string }{
		{"split", fmt.Sprintf("into %d shards", run.Shard.Count), fmt.Sprintf("into %d shards", other.Shard.Count)},
		{"target", describeTarget(run), describeTarget(other)},
		{"profile", run.Profile, other.Profile},
		{"seed", fmt.Sprint(run.Seed), fmt.Sprint(other.Seed)},
		{"selection of rules", listed(run.Rules), listed(other.Rules)},
		{"selection by tags", cmp.Or(run.Tags, "none"), cmp.Or(other.Tags, "none")},
		{"faults", listed(run.Faults), listed(other.Faults)},
		{"personality", cmp.Or(run.Personality, "none"), cmp.Or(other.Personality, "none")},
	} {
		if same.here != same.there {
			return refuse("%s and %s are no parts of one run: they differ in %s (%s against %s)", first.dir, p.dir, same.what, same.there, same.here)
		}
	}
	switch shard := run.Shard; {
	case !slices.Equal(shard.Selected, other.Shard.Selected) || shard.Material != other.Shard.Material || shard.Scope != other.Shard.Scope:
		return refuse("%s and %s are no parts of one run: they were dealt out from different scenarios", first.dir, p.dir)
	case shard.Count < 1 || shard.Index < 1 || shard.Index > shard.Count:
		return refuse("%s says that it is shard %s, which cannot be", p.dir, shard)
	}
	mine := Shard{run.Shard.Index, run.Shard.Count}.share(run.Shard.Selected)
	if !slices.Equal(slices.Sorted(slices.Values(run.Selected)), mine) {
		return refuse("%s says that it is shard %s and played %d scenarios which are not those of that shard", p.dir, run.Shard, len(run.Selected))
	}
	return nil
}

func describeTarget(run evidence.Run) string {
	words := run.Target
	if run.Kind != "" {
		words += ", of kind " + run.Kind
	}
	if run.TargetSHA256 != "" {
		words += fmt.Sprintf(", file %.12s…", run.TargetSHA256)
	}
	return words
}

func listed(list []string) string { return cmp.Or(strings.Join(list, " "), "none") }

// latestOf tells which of several runs of one shard counts: the one that began
// when the others had ended. Two that went on at the same time, or a copy,
// leave open which was meant.
func latestOf(runs []part) (latest part, older []string, err error) {
	slices.SortStableFunc(runs, func(a, b part) int { return a.log.Began.Compare(b.log.Began) })
	for i, p := range runs[1:] {
		before := runs[i]
		switch {
		case p.log.Hash == before.log.Hash:
			return part{}, nil, fmt.Errorf("%w: shard %s is there twice: %s and %s are copies of one run; leave one out", ErrUsage, p.log.Run.Shard, before.dir, p.dir)
		case p.log.Began.Before(before.log.Last):
			return part{}, nil, fmt.Errorf("%w: shard %s is there twice: %s and %s were played at the same time, so neither takes the other's place; leave one out", ErrUsage, p.log.Run.Shard, before.dir, p.dir)
		}
		older = append(older, before.dir)
	}
	return runs[len(runs)-1], older, nil
}
