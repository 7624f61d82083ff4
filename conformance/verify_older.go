package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// scenarios looks whether a run is of all that it says it is of, and was played with
// the scenarios of the version that it says it was played with.
func (v *Verified) scenarios(dir string, run evidence.Run, catalogue *rules.Catalogue, judgedBy, version string) error {
	odd, err := notWhole(run, catalogue)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	if odd != "" {
		was, err := olderWhole(dir, run, judgedBy, version)
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrHarness, err)
		case was == nil:
			v.add(Finding{File: evidence.EventsFile, What: odd})
		default:
			v.Notes = append(v.Notes, was.String())
			v.Lacking, v.Today = len(was.lacks), was.today
		}
	}
	if run.Version != version {
		return nil
	}
	others, err := otherTexts(dir, run)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	for _, file := range others {
		v.add(Finding{File: evidence.EventsFile, What: fmt.Sprintf("says that version %s played scenarios of %s whose text is not that of this version, which is the same: they were altered, or another build of this version played them", run.Version, file)})
	}
	return nil
}

// OpenWords say of a run that lacks scenarios of this version what cannot be told.
func (v *Verified) OpenWords() string {
	return fmt.Sprintf("what is there holds; whether the run was whole for its version cannot be told: %d of today's %d scenarios are not in it", v.Lacking, v.Today)
}

// older is a run that another version played: it holds every scenario of the feature
// files that are kept in it.
type older struct {
	version string
	files   int      // that are kept in it
	lacks   []string // today's scenarios that it does not hold
	today   int      // scenarios that this version has
}

func (o *older) String() string {
	return fmt.Sprintf("version %s played the run: it holds every scenario of the %d feature files that are kept in it, and lacks %d of the %d that this version has, for which its verdict does not speak: %s",
		o.version, o.files, len(o.lacks), o.today, few(o.lacks))
}

// olderWhole tells of a run that was judged again whether it may have been of
// everything when it was played: by the feature files that are kept in it, as they
// were then. Today's version may have scenarios that there were none of. It is nil
// where the run is of this version, or of the one that judged it, or is not of all
// that its own files hold.
//
// Who takes scenarios out of a run and makes log and seal anew can say that another
// version played it, so a run that lacks any is not said to verify.
func olderWhole(dir string, run evidence.Run, judgedBy, version string) (*older, error) {
	if run.Version == version || run.Version == judgedBy {
		return nil, nil
	}
	scope, selected := run.Scope, run.Selected
	if scope == scopeShard && run.Shard != nil {
		scope, selected = run.Shard.Scope, run.Shard.Selected
	}
	client := run.Kind == evidence.KindClient
	if scope != "full" || !client && (len(run.Rules) > 0 || run.Tags != "") {
		return nil, nil
	}
	today, err := scenariosFor(client)
	if err != nil {
		return nil, err
	}
	kept, err := keptFeatures(dir)
	if err != nil {
		return nil, err
	}
	for file, source := range kept {
		then, err := featureIn(source.octets, file)
		if err != nil {
			return nil, nil //nolint:nilerr // what cannot be read shows nothing
		}
		for _, s := range then {
			if slices.Contains(s.Tags, tagClient) == client && !slices.Contains(selected, s.ID) {
				return nil, nil
			}
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	was := &older{version: run.Version, files: len(kept), today: len(today)}
	for _, s := range today {
		if !slices.Contains(selected, s.ID) {
			was.lacks = append(was.lacks, s.ID)
		}
	}
	return was, nil
}

// otherTexts are the feature files with which a run was played in another text than
// this version has, by name.
func otherTexts(dir string, run evidence.Run) ([]string, error) {
	today, err := scenariosFor(run.Kind == evidence.KindClient)
	if err != nil {
		return nil, err
	}
	record, err := evidence.Open(dir)
	if err != nil {
		return nil, err
	}
	hashes := map[string]string{}
	for _, s := range today {
		if hashes[s.File] == "" {
			hashes[s.File] = sourceOf(s.source)
		}
	}
	var others []string
	for _, c := range record.Cases {
		if hash := c.Start.Source; hash != "" && hash != hashes[c.Start.File] && !slices.Contains(others, c.Start.File) {
			others = append(others, c.Start.File)
		}
	}
	return others, nil
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
