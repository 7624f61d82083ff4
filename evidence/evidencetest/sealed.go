// Package evidencetest is for tests that share run folders which are only to be
// read. It is no part of a run and judges nothing.
package evidencetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/collaudo/collaudo/evidence"
)

// AsSealed looks at the run folders in dir and says which of them are not as they
// were sealed: a test altered one, added to it, or took its seal away.
func AsSealed(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, run := range entries {
		if !run.IsDir() {
			continue
		}
		checked, failed := evidence.CheckManifest(filepath.Join(dir, run.Name()))
		switch {
		case failed != nil:
		case checked.Manifest == nil:
			failed = fmt.Errorf("%s is not sealed: a test took the seal away, or the run did not come to its end", run.Name())
		case len(checked.Findings)+len(checked.Later) > 0:
			failed = fmt.Errorf("a test altered %s, which others look at: %v, made later %v", run.Name(), checked.Findings, checked.Later)
		}
		err = errors.Join(err, failed)
	}
	return err
}
