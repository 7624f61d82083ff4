package conformance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// ErrEvidence marks evidence that does not hold together: altered, or damaged
// on its way. Exit code 7.
var ErrEvidence = errors.New("evidence does not verify")

// MergeOptions say which runs to put together, and where.
type MergeOptions struct {
	Runs    []string // run folders of the shards, or folders that hold such folders
	Out     string   // folder for the whole run; it must not exist, or be empty
	Version string   // of the tool; it must be the one that played the shards
	Now     func() time.Time
	// Language of the report; empty: English.
	Language words.Language
	// Baseline is what is known to fail; nil: nothing is. It changes no verdict.
	Baseline *Baseline
}

// Merged is a whole run that was put together from its shards.
type Merged struct {
	Report
	Shards   []string // folders that it was put together from, by shard
	Replaced []string // folders that a later run of the same shard took the place of
}

// Merge puts the shards of one run together and has their evidence judged as
// that of one run: the verdicts are those of a run without shards. It refuses,
// with ErrUsage, what does not belong together, a shard that is missing, was
// cut short or is there twice; with ErrEvidence, evidence that was altered. A
// later run of a shard takes the place of an earlier one.
func Merge(ctx context.Context, o MergeOptions) (*Merged, error) {
	folders, err := runFolders(o.Runs)
	if err != nil {
		return nil, err
	}
	played, err := readParts(ctx, folders)
	if err != nil {
		return nil, err
	}
	parts, replaced, err := assemble(played, o.Version)
	if err != nil {
		return nil, err
	}
	if err := o.Baseline.fits(rules.Profile(parts[0].log.Run.Profile), o.Now()); err != nil {
		return nil, err
	}
	if err := prepareFolder(o.Out); err != nil {
		return nil, err
	}
	if err := carry(ctx, parts, o); err != nil {
		for _, made := range []string{"evidence", evidence.EventsFile} { // the folder was empty: half a run must not stay in it
			err = errors.Join(err, os.RemoveAll(filepath.Join(o.Out, made)))
		}
		_ = os.Remove(o.Out) // it is empty, and says nothing
		return nil, err
	}
	began := o.Now()
	result, err := Judge(o.Out, rules.Profile(parts[0].log.Run.Profile))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	told := (&Options{Language: o.Language, Baseline: o.Baseline, Out: o.Out, Now: o.Now}).told(result, catalogue, nil)
	if err := write(o.Out, result, catalogue, told); err != nil {
		return nil, err
	}
	merged := &Merged{Report: Report{Dir: o.Out, Result: result, Gate: told.Gate, Judged: o.Now().Sub(began)}, Replaced: replaced}
	for _, p := range parts {
		merged.Shards = append(merged.Shards, p.dir)
		merged.Took += p.log.Last.Sub(p.log.Began)
	}
	return merged, nil
}

// runFolders finds the run folders among what was given: each is one, or a
// folder of such folders, as those are that CI systems unpack.
func runFolders(given []string) ([]string, error) {
	var folders []string
	seen := map[string]string{}
	add := func(dir string) error {
		real, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUsage, err)
		}
		if real, err = filepath.Abs(real); err != nil {
			return fmt.Errorf("%w: %w", ErrUsage, err)
		}
		if before, twice := seen[real]; twice {
			return fmt.Errorf("%w: %s and %s are one folder: give each run once", ErrUsage, before, dir)
		}
		seen[real] = dir
		folders = append(folders, dir)
		return nil
	}
	for _, dir := range given {
		if isRun(dir) {
			if err := add(dir); err != nil {
				return nil, err
			}
			continue
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
		found := 0
		for _, e := range entries {
			if below := filepath.Join(dir, e.Name()); isRun(below) {
				found++
				if err := add(below); err != nil {
					return nil, err
				}
			}
		}
		if found == 0 {
			return nil, fmt.Errorf("%w: %s is no run folder and holds none: there is no %s", ErrUsage, dir, evidence.EventsFile)
		}
	}
	return folders, nil
}

func isRun(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, evidence.EventsFile))
	return err == nil && info.Mode().IsRegular()
}

// part is a run that may be a shard.
type part struct {
	dir string
	log *evidence.Log
}

func readParts(ctx context.Context, folders []string) ([]part, error) {
	var parts []part
	for _, dir := range folders {
		log, err := evidence.Each(dir, func(evidence.Event) error { return ctx.Err() })
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("%w: nothing was merged", ErrInterrupted)
		case errors.Is(err, fs.ErrPermission):
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		case err != nil:
			return nil, fmt.Errorf("%w: %s: %w", ErrEvidence, dir, err)
		}
		parts = append(parts, part{dir, log})
	}
	return parts, nil
}

// carry writes the evidence of the shards as that of one run.
func carry(ctx context.Context, parts []part, o MergeOptions) (err error) {
	recorder, err := evidence.Create(o.Out, o.Now)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	defer func() {
		if closing := recorder.Close(); closing != nil && err == nil {
			err = fmt.Errorf("%w: %w", ErrHarness, closing)
		}
	}()
	trouble := func(p part, err error) error {
		if errors.Is(err, evidence.ErrAltered) || errors.Is(err, evidence.ErrChain) {
			return fmt.Errorf("%w: %s: %w", ErrEvidence, p.dir, err)
		}
		return fmt.Errorf("%w: %s: %w", ErrHarness, p.dir, err)
	}
	if err := recorder.Record(evidence.Event{Type: evidence.RunStarted, Run: wholeRun(parts)}); err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	for _, p := range parts {
		log, err := evidence.Each(p.dir, func(e evidence.Event) error {
			if e.Scenario == "" && e.Type != evidence.OthersSeen {
				return ctx.Err() // of that run as a whole: when it began, was taken up again and ended
			}
			return errors.Join(recorder.Carry(e), ctx.Err())
		})
		if err == nil && log.Hash != p.log.Hash {
			err = fmt.Errorf("%w: its log changed while it was read", evidence.ErrChain)
		}
		if err == nil {
			err = recorder.CarryBlobs(p.dir)
		}
		if err != nil {
			return trouble(p, err)
		}
	}
	if err := recorder.Record(evidence.Event{Type: evidence.RunEnded, End: &evidence.End{Completed: true}}); err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	return nil
}

// wholeRun is what the shards together were asked.
func wholeRun(parts []part) *evidence.Run {
	run := parts[0].log.Run
	shard := run.Shard
	run.Scope, run.Selected, run.Shard, run.Merged = shard.Scope, shard.Selected, nil, nil
	for _, p := range parts {
		run.Merged = append(run.Merged, evidence.Part{Shard: p.log.Run.Shard.String(), Events: p.log.Hash})
	}
	return &run
}
