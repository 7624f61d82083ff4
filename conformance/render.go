package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// Rendered is what rendering a run folder came to.
type Rendered struct {
	Result *rules.Result
	// Files that were made, by path; of a run that was judged now, the folder is
	// written whole and none is named.
	Files []string
	// Judged says that the folder was not finished: its evidence was judged now.
	Judged bool
}

// Render makes the renderings of a run anew. A folder that was finished is read
// and left as it is. One that was not, because the run was cut short or its
// report could not be written, is judged by what evidence there is, written whole
// and sealed: its verdict says what became of it.
//
// ErrUsage is a folder that holds no run, one that a run is still writing into, or
// renderings that cannot be made there; ErrEvidence an event log that does not
// hold together; ErrHarness trouble on the way.
func Render(ctx context.Context, dir string, o reports.RenderOptions) (*Rendered, error) {
	if !isRun(dir) {
		return nil, fmt.Errorf("%w: %s is no run folder: there is no %s in it", ErrUsage, dir, evidence.EventsFile)
	}
	busy, err := evidence.Busy(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if busy {
		return nil, fmt.Errorf("%w: %w: wait until it ends", ErrUsage, evidence.ErrBusy)
	}
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	sealed, err := evidence.Sealed(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInterrupted, err)
	}
	rendered := &Rendered{Judged: !sealed}
	if sealed {
		rendered.Result, err = readSealed(dir, catalogue)
	} else if err = takes(dir); err == nil {
		rendered.Result, err = finish(dir, catalogue, o.WriteOptions)
	}
	if err != nil {
		return nil, err
	}
	if !sealed && o.Out == "" && len(o.Formats) == 0 {
		return rendered, nil // all of it has been written
	}
	if o.WriteOptions, err = yardstick(o.WriteOptions, rendered.Result.Run, catalogue); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	if err := takes(cmp.Or(o.Out, dir)); err != nil {
		return nil, err
	}
	rendered.Files, err = reports.Render(dir, rendered.Result, catalogue, o)
	switch {
	case errors.Is(err, reports.ErrSealed), errors.Is(err, reports.ErrFormat):
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	case errors.Is(err, evidence.ErrChain), errors.Is(err, evidence.ErrAltered):
		return nil, fmt.Errorf("%w: %w", ErrEvidence, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	return rendered, nil
}

// readSealed reads the result of a finished run. A folder that is not as it was
// sealed is refused: a report that looks like the run's own must not say more than
// the run did. So is one that was judged by other rules: today's titles would stand
// over verdicts about something else.
func readSealed(dir string, catalogue *rules.Catalogue) (*rules.Result, error) {
	checked, err := evidence.CheckManifest(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	if n := len(checked.Findings); n > 0 {
		return nil, fmt.Errorf("%w: %s is not as it was sealed: %s (%d findings; 'collaudo report verify %s' tells all)", ErrEvidence, dir, checked.Findings[0], n, dir)
	}
	own, err := fingerprint(catalogue)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	if m := checked.Manifest; m == nil || m.Catalogue != own {
		return nil, fmt.Errorf("%w: the run in %s was judged by other rules or scenarios than those of this version: render it with the version that judged it, or see what today's rules say with 'collaudo report rejudge %s --out DIR'", ErrUsage, dir, dir)
	}
	result, err := reports.Read(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEvidence, err)
	}
	return result, nil
}

// finish judges what a run left that did not come to its end, and writes the
// whole report into its folder.
func finish(dir string, catalogue *rules.Catalogue, o reports.WriteOptions) (*rules.Result, error) {
	if err := unsigned(dir); err != nil {
		return nil, err
	}
	if _, err := evidence.Open(dir); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
		return nil, fmt.Errorf("%w: %w", ErrEvidence, err)
	}
	result, err := Judge(dir, "")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	odd, err := notWhole(result.Run, catalogue)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	if odd != "" {
		return nil, fmt.Errorf("%w: no report is made of it: %s %s; where another version played the run, use that one", ErrEvidence, evidence.EventsFile, odd)
	}
	return result, write(dir, result, catalogue, o)
}

// unsigned refuses a folder whose manifest is gone and whose signature is not:
// a report made anew, sealed and without it, would look as if nobody had signed.
func unsigned(dir string) error {
	for _, name := range []string{evidence.SignatureFile, evidence.TimestampFile} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %s holds %s and not the %s that it is over: bring that back; what is left can be rendered without the signature in a copy of the folder from which %s was taken away", ErrEvidence, dir, name, evidence.ManifestFile, name)
		}
	}
	return nil
}
