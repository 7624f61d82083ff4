package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// RejudgeOptions say which run to judge again, and how.
type RejudgeOptions struct {
	Run      string        // folder of the run; it stays as it is
	Profile  rules.Profile // empty: that by which it was judged
	Out      string        // folder for the evidence and the new report; it must not exist, or be empty; "": nothing is written
	Version  string        // of the tool that judges now
	Language words.Language
	Now      func() time.Time
}

// Rejudged is what today's rules say of the evidence of an earlier run.
type Rejudged struct {
	Report                         // Dir is empty where nothing was written
	Comparison *reports.Comparison // with the run's own verdicts; nil: it has none
	Notes      []string            // worth knowing
	// Caution is to be read with the verdict: for what it does not speak, where the
	// run lacks scenarios of this version; empty: nothing.
	Caution string
}

// Rejudge judges the evidence of an earlier run by the catalogue and the judges of
// this version, and says what is different from what the run said of itself. It
// reads the run and changes nothing in it. Evidence that is not as the run left it
// is refused with ErrEvidence: nothing could be said of the target by it.
func Rejudge(ctx context.Context, o RejudgeOptions) (*Rejudged, error) {
	if o.Profile != "" && o.Profile != rules.Practice && o.Profile != rules.Strict {
		return nil, fmt.Errorf("%w: unknown profile %q: choose practice or strict", ErrUsage, o.Profile)
	}
	verified, err := Verify(ctx, o.Run, VerifyOptions{Version: o.Version, Now: o.Now(), Evidence: true})
	if err != nil {
		return nil, err
	}
	if len(verified.Findings) > 0 {
		return nil, fmt.Errorf("%w: %s cannot be judged again: %s; 'collaudo report verify %s' says all that is wrong", ErrEvidence, o.Run, verified.Findings[0], o.Run)
	}
	r := &Rejudged{Notes: verified.Notes}
	var own *rules.Result
	if verified.Sealed {
		if own, err = reports.Read(o.Run); err != nil {
			return nil, fmt.Errorf("%w: what the run said of itself: %w", ErrUsage, err)
		}
		if o.Profile == "" {
			o.Profile = own.Profile
		}
	} else {
		r.Notes = append(r.Notes, "the folder of the run is not sealed, so there is no verdict of its own that could be compared with")
	}
	if o.Out != "" {
		if err := apart(o.Run, o.Out); err != nil {
			return nil, err
		}
		if err := prepareFolder(o.Out); err != nil {
			return nil, err
		}
	}
	began := o.Now()
	if r.Result, err = Judge(o.Run, o.Profile); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	if r.Caution, err = caution(o.Run, r.Result.Run, o.Version); err != nil {
		return nil, err
	}
	if own != nil {
		r.Comparison = reports.Compare(own, r.Result, o.Run, "judged again")
		if r.Comparison.Before.Identity, err = reports.IdentityOf(o.Run, own); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
	}
	if o.Out == "" {
		r.Judged = o.Now().Sub(began)
		return r, nil
	}
	if err := r.write(ctx, o); err != nil {
		return nil, err
	}
	r.Judged = o.Now().Sub(began)
	return r, nil
}

// caution says what stands against a verdict about a run that is not of all of
// today's scenarios and says that it was of all; "": nothing.
func caution(dir string, run evidence.Run, version string) (string, error) {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrHarness, err)
	}
	v := &Verified{}
	if err := v.scenarios(dir, run, catalogue, version, version); err != nil {
		return "", err
	}
	switch {
	case len(v.Findings) > 0:
		return "a folder of this does not verify: " + v.Findings[0].String(), nil
	case v.Lacking > 0:
		return v.OpenWords(), nil
	}
	return "", nil
}

// write makes a run folder of the old evidence and the new verdicts.
func (r *Rejudged) write(ctx context.Context, o RejudgeOptions) error {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	if err := copyEvidence(ctx, o.Run, o.Out); err != nil {
		return err
	}
	if r.Comparison != nil {
		r.Comparison.After.Dir = o.Out
	}
	told := reports.WriteOptions{Language: o.Language, Version: o.Version, Compared: r.Comparison}
	if err := write(o.Out, r.Result, catalogue, told); err != nil {
		return err
	}
	r.Dir = o.Out
	return nil
}

// apart refuses a folder for the new report that lies in that of the run, or
// around it: what is written there would be taken for a part of the run.
func apart(run, out string) error {
	whole := func(path string) (string, error) {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrUsage, err)
		}
		rest := ""
		for at := absolute; ; at = filepath.Dir(at) { // what is not there yet is below what is
			if real, err := filepath.EvalSymlinks(at); err == nil {
				return filepath.Join(real, rest), nil
			}
			if at == filepath.Dir(at) {
				return absolute, nil
			}
			rest = filepath.Join(filepath.Base(at), rest)
		}
	}
	from, err := whole(run)
	if err != nil {
		return err
	}
	to, err := whole(out)
	if err != nil {
		return err
	}
	for _, pair := range [][2]string{{from, to}, {to, from}} {
		if rel, err := filepath.Rel(pair[0], pair[1]); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return fmt.Errorf("%w: %s and %s lie in each other: the run is left as it is, so choose another folder for the new report", ErrUsage, run, out)
		}
	}
	return nil
}

// copyEvidence copies the event log and the octets of a run that was verified.
func copyEvidence(ctx context.Context, from, to string) error {
	copied := func(name string) error {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%w: the new report in %s is not complete", ErrInterrupted, to)
		}
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return fmt.Errorf("%w: copy the evidence: %w", ErrHarness, err)
		}
		return nil
	}
	if err := copied(evidence.EventsFile); err != nil {
		return err
	}
	err := filepath.WalkDir(filepath.Join(from, "evidence"), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a run of which no octets were kept
		}
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return copied(name)
	})
	if err != nil && !errors.Is(err, ErrInterrupted) && !errors.Is(err, ErrHarness) {
		return fmt.Errorf("%w: copy the evidence: %w", ErrHarness, err)
	}
	return err
}

func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
