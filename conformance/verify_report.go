package conformance

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// renderings makes everything that was made of run.json and the evidence once more,
// and holds the octets against those that were sealed: a page that people read, or
// a file that a gate reads, must not say something else than run.json. Another
// version words them otherwise, so of its folders they are not compared, and
// Verified says so.
func (v *Verified) renderings(ctx context.Context, dir string, result *rules.Result, catalogue *rules.Catalogue, checked *evidence.Checked, o VerifyOptions) error {
	manifest := checked.Manifest
	if manifest.Version != o.Version {
		v.Uncompared = fmt.Sprintf("version %s made them, and this is version %s", manifest.Version, o.Version)
		return nil
	}
	found, err := v.madeAgain(dir, result, catalogue, manifest.Files)
	if err != nil {
		return err
	}
	for _, name := range found.inOrder() {
		v.add(Finding{File: name, What: map[fileState]string{
			fileMissing: "is not there, and is made of every such run: it was taken away before the folder was sealed",
			fileOther:   "is not what this version makes of " + reports.ResultFile + " and the evidence: it was altered before the folder was sealed, or another build of this version made it",
			fileForeign: "is sealed and is no file of a run: it was put into the folder",
		}[found[name]]})
	}
	return interruptedVerify(ctx)
}

// fileState is how a file of a report stands to what is made of the run anew.
type fileState int

const (
	fileMissing fileState = iota + 1
	fileOther
	fileForeign // it is not made of any run
)

// filesUnlike are the files of a report that are not as they are made, by name.
type filesUnlike map[string]fileState

// inOrder has what people read first before the pages that it leads to.
func (u filesUnlike) inOrder() []string {
	return slices.SortedFunc(maps.Keys(u), func(a, b string) int {
		return cmp.Or(strings.Count(a, "/")-strings.Count(b, "/"), strings.Compare(a, b))
	})
}

// madeAgain makes the files of the report again and compares them with those of the
// folder. Events, evidence and inputs are left out: they are not made of anything.
func (v *Verified) madeAgain(dir string, result *rules.Result, catalogue *rules.Catalogue, files []evidence.File) (filesUnlike, error) {
	told, err := yardstick(reports.WriteOptions{}, result.Run, catalogue)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	said := map[string]string{} // hashes that are not accounted for
	for _, f := range files {
		if f.Path != evidence.EventsFile && !strings.HasPrefix(f.Path, "evidence/") && !slices.Contains(inputs(), f.Path) {
			said[f.Path] = f.SHA256
		}
	}
	var guard sync.Mutex
	unlike := filesUnlike{}
	err = reports.Again(dir, result, catalogue, told, func(name string, octets []byte) {
		sum := sha256.Sum256(octets)
		is := hex.EncodeToString(sum[:])
		guard.Lock()
		defer guard.Unlock()
		was, there := said[name]
		delete(said, name)
		v.Renderings++
		switch {
		case !there:
			unlike[name] = fileMissing
		case was != is:
			unlike[name] = fileOther
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%w: make the report again: %w", ErrHarness, err)
	}
	for name := range said {
		unlike[name] = fileForeign
	}
	return unlike, nil
}

// inputs are the files from which renderings are made, beside the evidence. The
// verdicts and the gate are worked out anew; a comparison speaks of another run.
func inputs() []string { return []string{reports.ResultFile, reports.GateFile, reports.ComparedFile} }
