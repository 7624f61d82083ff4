package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/evidence"
)

// olderWhole tells of a run that was judged again whether it was of everything when
// it was played: by the feature files that are kept in it, as they were then. Today's
// version may have scenarios that there were none of. note says which; "" where the
// run was played with today's scenarios, or is not of all that its own files hold.
//
// Who takes scenarios out of a run and makes log and seal anew can say that another
// version played it. The note says what the verdict does not speak for; a signature
// is what stands against the rest.
func olderWhole(dir string, run evidence.Run, judgedBy string) (note string, err error) {
	scope, selected := run.Scope, run.Selected
	if scope == scopeShard && run.Shard != nil {
		scope, selected = run.Shard.Scope, run.Shard.Selected
	}
	client := run.Kind == evidence.KindClient
	if scope != "full" || !client && (len(run.Rules) > 0 || run.Tags != "") {
		return "", nil
	}
	today, err := scenariosFor(client)
	if err != nil {
		return "", err
	}
	kept, err := keptFeatures(dir)
	if err != nil {
		return "", err
	}
	older := run.Version != judgedBy
	for file, source := range kept {
		i := slices.IndexFunc(today, func(s Scenario) bool { return s.File == file })
		older = older || i < 0 || sourceOf(today[i].source) != source.hash
		then, err := featureIn(source.octets, file)
		if err != nil {
			return "", nil //nolint:nilerr // what cannot be read shows nothing
		}
		for _, s := range then {
			if slices.Contains(s.Tags, tagClient) == client && !slices.Contains(selected, s.ID) {
				return "", nil
			}
		}
	}
	if !older || len(kept) == 0 {
		return "", nil
	}
	var lacks []string
	for _, s := range today {
		if !slices.Contains(selected, s.ID) {
			lacks = append(lacks, s.ID)
		}
	}
	return fmt.Sprintf("version %s played the run: it holds every scenario of the %d feature files that are kept in it, and lacks %d of the %d that this version has, for which its verdict does not speak: %s",
		run.Version, len(kept), len(lacks), len(today), few(lacks)), nil
}

// keptFeature is a feature file as a run was played with it.
type keptFeature struct {
	hash   string
	octets []byte
}

// keptFeatures are the feature files of the scenarios that a run began, by name;
// none where two texts of one file were played, for then no version is that of the run.
func keptFeatures(dir string) (map[string]keptFeature, error) {
	record, err := evidence.Open(dir)
	if err != nil {
		return nil, err
	}
	kept := map[string]keptFeature{}
	for _, c := range record.Cases {
		already, known := kept[c.Start.File]
		switch {
		case c.Start.Source == "" || known && already.hash == c.Start.Source:
			continue
		case known:
			return nil, nil
		}
		octets, err := c.Blob(c.Start.Source)
		if err != nil {
			return nil, err
		}
		kept[c.Start.File] = keptFeature{c.Start.Source, octets}
	}
	return kept, nil
}

func sourceOf(octets []byte) string {
	sum := sha256.Sum256(octets)
	return hex.EncodeToString(sum[:])
}
