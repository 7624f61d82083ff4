package conformance

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// standing tells of a folder without a manifest how far its run came. Whoever is
// killed before the folder is sealed leaves one, and so does whoever takes the seal
// away: it is never said to verify. What lies there already of a report must not
// contradict the evidence all the same.
func (v *Verified) standing(ctx context.Context, dir string, log *evidence.Log, checked *evidence.Checked, o VerifyOptions) error {
	v.Interrupted = log.Ended.IsZero()
	if v.Sealed || checked.Manifest != nil || len(v.Findings) > 0 {
		return nil
	}
	v.Unfinished = !v.Interrupted
	if v.Interrupted {
		v.Notes = append(v.Notes, "the run was cut short and its folder was never sealed: the chain of its events and the octets that they cite hold together, but what came last could have been cut off")
	} else {
		v.Notes = append(v.Notes, "every scenario was played, and the folder is not sealed: the report was cut short while it was written, or the seal was taken away; nothing vouches for what lies there")
	}
	if !slices.ContainsFunc(checked.Files, func(f evidence.File) bool { return f.Path == reports.ResultFile }) {
		return nil
	}
	switch {
	case o.Evidence:
	case log.Resumed > 0:
		v.Notes = append(v.Notes, reports.ResultFile+" may be of the time before the run was taken up again: it was not held against the evidence")
	case log.Run.Version != o.Version:
		v.Notes = append(v.Notes, fmt.Sprintf("%s was not held against the evidence: version %s played the run, and this is version %s", reports.ResultFile, log.Run.Version, o.Version))
	default:
		return v.unsealedResult(ctx, dir)
	}
	return nil
}

// unsealedResult holds a run.json that nothing vouches for against the evidence:
// whoever was killed while writing the report wrote it whole or not at all.
func (v *Verified) unsealedResult(ctx context.Context, dir string) error {
	said, err := evidence.ReadPlain(filepath.Join(dir, reports.ResultFile), reports.MaxResult)
	if err != nil {
		return unreadable(err)
	}
	if ctx.Err() != nil {
		return interruptedVerify(ctx)
	}
	var result *rules.Result
	if err := guarded("judge the evidence", func() error { result, err = Judge(dir, profileOf(said)); return err }); err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	shown, err := reports.Encode(result)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	v.add(compareResults(said, shown)...)
	if len(v.Findings) > 0 {
		v.Notes = append(v.Notes, "where another build of this version judged the run, its "+reports.ResultFile+" may differ for that; 'collaudo report render' writes it anew from the evidence")
	}
	return nil
}
