package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/steps"
)

// Recall returns the options with which a run was begun, for those who take it
// up again: Resume is set, and whatever decides about the evidence. What is of
// the moment (Now, Workers, Progress) is left to the caller.
func Recall(dir string) (Options, error) {
	record, err := evidence.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Options{}, fmt.Errorf("%w: %s holds no run: there is no %s in it", ErrUsage, dir, evidence.EventsFile)
	}
	if err != nil {
		return Options{}, fmt.Errorf("%w: %s cannot be taken up again: %w", ErrUsage, dir, err)
	}
	run := record.Run
	if run.Tool == "" {
		return Options{}, fmt.Errorf("%w: %s cannot be taken up again: it does not say what was asked; begin a new run", ErrUsage, dir)
	}
	if run.Merged != nil {
		return Options{}, fmt.Errorf("%w: %s was put together from shards: take up the shard that is not complete, and merge again", ErrUsage, dir)
	}
	o := Options{
		Resume: dir, Out: dir, Rules: run.Rules, Tags: run.Tags, Profile: rules.Profile(run.Profile),
		Faults: run.Faults, Personality: run.Personality, Seed: run.Seed,
	}
	if run.Shard != nil {
		o.Shard = Shard{Index: run.Shard.Index, Count: run.Shard.Count}
	}
	if run.TargetFile == "" {
		return o, nil
	}
	if err := o.ReadTarget(run.TargetFile); err != nil {
		return o, fmt.Errorf("the run in %s was against %s: %w", dir, run.TargetFile, err)
	}
	return o, nil
}

// TargetFile is the path of the file that describes the target; empty: the
// built-in pair.
func (o *Options) TargetFile() string {
	switch {
	case o.Client != nil:
		return o.Client.File
	case o.Target != nil:
		return o.Target.File
	}
	return ""
}

// hashOfFile is the SHA-256 of a file, in hex; empty for one that cannot be read.
func hashOfFile(path string) string {
	octets, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(octets)
	return hex.EncodeToString(sum[:])
}

// prepareFolder makes a new run folder, or looks at the one of an earlier run.
func (o *Options) prepareFolder() error {
	if o.Resume == "" {
		return prepareFolder(o.Out)
	}
	if o.Out != "" && filepath.Clean(o.Out) != filepath.Clean(o.Resume) {
		return fmt.Errorf("%w: the run in %s is taken up where it lies: leave the other folder %s out", ErrUsage, o.Resume, o.Out)
	}
	return nil
}

// openEvidence begins the evidence of a run, or goes on with it.
func (t *trial) openEvidence() error {
	if t.options.Resume == "" {
		recorder, err := evidence.Create(t.options.Out, t.options.Now)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUsage, err)
		}
		t.recorder = recorder
		return nil
	}
	record, err := evidence.Open(t.options.Resume) // before anything is written there
	if err != nil {
		return fmt.Errorf("%w: %s cannot be taken up again: %w", ErrUsage, t.options.Resume, err)
	}
	if err := goesOn(record); err != nil {
		return err
	}
	if differs := differences(&record.Run, t.asked()); len(differs) > 0 {
		return fmt.Errorf("%w: %s is another run, which cannot be gone on with: %s; begin a new one with --out", ErrUsage, t.options.Resume, strings.Join(differs, "; "))
	}
	t.recorder, t.earlier, err = evidence.Append(t.options.Resume, t.options.Version, t.options.Now)
	if errors.Is(err, evidence.ErrBusy) {
		return fmt.Errorf("%w: %w: wait until it ends, or interrupt it", ErrUsage, err)
	}
	if err != nil {
		return fmt.Errorf("%w: %s cannot be taken up again: %w", ErrUsage, t.options.Resume, err)
	}
	if err := evidence.DropLater(t.options.Resume); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", ErrHarness, err), t.recorder.Close())
	}
	return nil
}

// goesOn refuses to take up a run that is finished, whose folder is not as it was
// sealed, or that somebody signed: going on breaks the seal, and a signature is
// not to be lost without a word.
func goesOn(record *evidence.Record) error {
	dir := record.Dir
	sealed, err := evidence.Sealed(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if sealed {
		checked, err := evidence.CheckManifest(dir)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrEvidence, err)
		}
		if len(checked.Findings) > 0 {
			return fmt.Errorf("%w: %s cannot be gone on with: %s; 'collaudo report verify %s' tells all", ErrEvidence, dir, checked.Findings[0], dir)
		}
	}
	waits := slices.ContainsFunc(record.Cases, func(c *evidence.Case) bool { return c.Standing() == evidence.Suspended })
	if sealed && !record.Interrupted && !waits {
		return fmt.Errorf("%w: the run in %s is finished, and nothing in it waits: there is nothing to go on with", ErrUsage, dir)
	}
	for _, name := range []string{evidence.SignatureFile, evidence.TimestampFile} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return fmt.Errorf("%w: the run in %s is signed, and going on would make the signature void: go on with a copy, or take %s away first", ErrUsage, dir, name)
		}
	}
	return nil
}

// differences says in what two runs differ that one folder cannot hold.
func differences(was, is *evidence.Run) []string {
	var all []string
	for _, one := range []struct {
		what    string
		was, is any
	}{
		{"the version of Collaudo", was.Version, is.Version},
		{"the target", was.Target, is.Target},
		{"the content of the target file " + was.TargetFile, short(was.TargetSHA256), short(is.TargetSHA256)},
		{"the profile", was.Profile, is.Profile},
		{"the seed", was.Seed, is.Seed},
		{"the rules", strings.Join(was.Rules, " "), strings.Join(is.Rules, " ")},
		{"the tags", was.Tags, is.Tags},
		{"the faults", strings.Join(was.Faults, " "), strings.Join(is.Faults, " ")},
		{"the personality", was.Personality, is.Personality},
		{"the kind of target", was.Kind, is.Kind},
	} {
		if one.was != one.is {
			all = append(all, fmt.Sprintf("%s was %s and is now %s", one.what, orNone(one.was), orNone(one.is)))
		}
	}
	switch {
	case len(all) > 0:
	case !reflect.DeepEqual(was.Shard, is.Shard):
		all = append(all, "it is another shard")
	case !reflect.DeepEqual(was.Selected, is.Selected):
		all = append(all, fmt.Sprintf("it selected %d scenarios, and they are not the same %d now", len(was.Selected), len(is.Selected)))
	}
	return all
}

// short is as much of a hash as a person compares.
func short(hash string) string { return hash[:min(len(hash), 12)] }

func orNone(v any) string {
	if text := strings.TrimSpace(fmt.Sprint(v)); text != "" {
		return text
	}
	return "not given"
}

// begins says from where shared mailboxes are read: for scenarios that go on,
// from where they ended when those began.
func (t *trial) begins() map[string]steps.MailboxMark {
	marks := map[string]steps.MailboxMark{}
	if t.earlier == nil {
		return marks
	}
	for _, c := range t.earlier.Cases {
		if c.Standing() != evidence.Suspended {
			continue
		}
		for _, read := range c.Suspension.Read {
			mark, known := marks[read.Mailbox]
			if read.Next != 0 && (!known || read.Next < mark.Next) {
				marks[read.Mailbox] = steps.MailboxMark{Validity: read.Validity, Next: read.Next}
			}
		}
	}
	return marks
}
