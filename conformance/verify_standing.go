package conformance

import (
	"bytes"
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
	if v.Sealed || len(v.Findings) > 0 {
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
	case log.Run.Version != o.Version:
		v.Notes = append(v.Notes, fmt.Sprintf("%s and the report were not compared with the evidence: version %s played the run, and this is version %s", reports.ResultFile, log.Run.Version, o.Version))
	default:
		return v.unsealedResult(ctx, dir, log, checked)
	}
	return nil
}

// unsealedResult holds a run.json that nothing vouches for against the evidence:
// whoever was killed while writing the report wrote it whole or not at all. That of
// a run that was taken up again may be of the evidence as it was before.
func (v *Verified) unsealedResult(ctx context.Context, dir string, log *evidence.Log, checked *evidence.Checked) error {
	said, err := evidence.ReadPlain(filepath.Join(dir, reports.ResultFile), reports.MaxResult)
	if err != nil {
		return unreadable(err)
	}
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	result, shown, err := resultBefore(ctx, dir, catalogue, said, log.Resumed+1)
	if err != nil {
		return err
	}
	found := compareResults(said, shown)
	if len(found) == 0 {
		return v.unsealedReport(ctx, dir, result, catalogue, checked)
	}
	for nth := log.Resumed; nth > max(0, log.Resumed-maxEarlier); nth-- {
		_, shown, err := resultBefore(ctx, dir, catalogue, said, nth)
		if err != nil {
			return err
		}
		if bytes.Equal(said, shown) {
			v.Notes = append(v.Notes, reports.ResultFile+" is of the time before the run was taken up again, and says what the evidence did then; the report beside it was not compared")
			return nil
		}
	}
	v.add(found...)
	v.Notes = append(v.Notes, "where another build of this version judged the run, its "+reports.ResultFile+" may differ for that; 'collaudo report render' writes it anew from the evidence")
	return nil
}

// maxEarlier bounds how many of the times that a run was taken up again are looked
// at, the last ones: each means to judge it once more.
const maxEarlier = 8

// resultBefore is what the evidence says, and as run.json holds it, as it was before
// the run was taken up again for the nth time.
func resultBefore(ctx context.Context, dir string, catalogue *rules.Catalogue, said []byte, nth int) (result *rules.Result, shown []byte, err error) {
	if ctx.Err() != nil {
		return nil, nil, interruptedVerify(ctx)
	}
	err = guarded("judge the evidence", func() error {
		record, err := evidence.OpenBefore(dir, nth)
		if err != nil {
			return err
		}
		if result, err = judgeRecord(catalogue, record, profileOf(said)); err != nil {
			return err
		}
		shown, err = reports.Encode(result)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	return result, shown, nil
}

// unsealedReport names the files of a report that nothing vouches for which are not
// what the evidence gives. That is nothing wrong: whoever was killed while writing
// the report left what lay there before, or nothing.
func (v *Verified) unsealedReport(ctx context.Context, dir string, result *rules.Result, catalogue *rules.Catalogue, checked *evidence.Checked) error {
	if ctx.Err() != nil {
		return interruptedVerify(ctx)
	}
	lying := slices.DeleteFunc(slices.Clone(checked.Files), func(f evidence.File) bool { return evidence.HalfWritten(f.Path) })
	found, err := v.madeAgain(dir, result, catalogue, lying)
	if err != nil {
		return err
	}
	const most = 20
	told, untold, missing := 0, 0, 0
	for _, name := range found.inOrder() {
		what := " differs from what the evidence gives: 'collaudo report render' writes it anew"
		switch {
		case found[name] == fileMissing:
			missing++
			continue
		case found[name] == fileForeign && evidence.MadeLater(name):
			what = " is a rendering beside the run's own, and was not compared"
		case found[name] == fileForeign:
			what = " is no file of a run: it was put into the folder"
		}
		if told++; told > most {
			untold++
			continue
		}
		v.Notes = append(v.Notes, name+what)
	}
	if untold > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("%d more files are not what the evidence gives", untold))
	}
	if missing > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("%d of %d files of the report are not there", missing, v.Renderings))
	}
	return interruptedVerify(ctx)
}
