package conformance

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
	told, err := yardstick(reports.WriteOptions{}, result.Run, catalogue)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	said := map[string]string{} // hashes that are not accounted for
	for _, f := range manifest.Files {
		if f.Path != evidence.EventsFile && !strings.HasPrefix(f.Path, "evidence/") && !slices.Contains(inputs(), f.Path) {
			said[f.Path] = f.SHA256
		}
	}
	var guard sync.Mutex
	var findings []Finding
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
			findings = append(findings, Finding{File: name, What: "is not there, and is made of every such run: it was taken away before the folder was sealed"})
		case was != is:
			findings = append(findings, Finding{File: name, What: "is not what this version makes of " + reports.ResultFile + " and the evidence: it was altered before the folder was sealed, or another build of this version made it"})
		}
	})
	if err != nil {
		return fmt.Errorf("%w: make the report again: %w", ErrHarness, err)
	}
	for name := range said {
		findings = append(findings, Finding{File: name, What: "is sealed and is no file of a run: it was put into the folder"})
	}
	slices.SortFunc(findings, func(a, b Finding) int { // what people read first before the pages that it leads to
		return cmp.Or(strings.Count(a.File, "/")-strings.Count(b.File, "/"), strings.Compare(a.File, b.File))
	})
	v.add(findings...)
	return interruptedVerify(ctx)
}

// inputs are the files from which renderings are made, beside the evidence. The
// verdicts and the gate are worked out anew; a comparison speaks of another run.
func inputs() []string { return []string{reports.ResultFile, reports.GateFile, reports.ComparedFile} }
