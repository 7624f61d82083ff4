package conformance

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// maxFindings bounds how many findings are told one by one; the rest is counted.
const maxFindings = 50

// VerifyOptions say against what a run folder is verified.
type VerifyOptions struct {
	Version string    // of the tool that verifies
	Now     time.Time // when certificates have to be valid that no time stamp speaks for
	// Trust are the certificates that signer and time stamping authority must lead
	// to; nil: nobody was named to trust.
	Trust *x509.CertPool
	// Evidence leaves out the verdicts: whether the evidence is as it was left,
	// for those who judge it anew.
	Evidence bool
}

// Finding is something in a run folder that is not as it should be.
type Finding struct {
	File     string `json:"file"`           // relative to the run folder
	Line     int    `json:"line,omitempty"` // in it, from 1
	Rule     string `json:"rule,omitempty"`
	Scenario string `json:"scenario,omitempty"`
	What     string `json:"what"` // to be read after the place
}

// String is the finding as one line.
func (f Finding) String() string {
	place := f.File
	if f.Line > 0 {
		place += fmt.Sprintf(" line %d", f.Line)
	}
	return place + " " + f.What
}

// Verified is what verifying a run folder came to.
type Verified struct {
	Dir string `json:"run"`
	// Sealed says that the folder has a manifest: it was finished.
	Sealed bool `json:"sealed"`
	// Interrupted says that the run was cut short before every scenario was played.
	Interrupted bool `json:"interrupted"`
	// Unfinished says that every scenario was played, and that the report of it was
	// cut short before the folder was sealed, or the seal taken away.
	Unfinished bool `json:"unfinished"`
	// Lacking is how many of the Today scenarios of this version are not in a run
	// that another version played. Whether the run was whole for that version cannot
	// be told here: the folder says so itself, and nobody else does.
	Lacking int `json:"lacking,omitempty"`
	Today   int `json:"scenariosToday,omitempty"`

	Verdict   rules.Outcome `json:"verdict,omitempty"` // as recomputed; empty: it was not
	Files     int           `json:"files"`             // hashed
	Bytes     int64         `json:"bytes"`             // of them
	Events    int           `json:"events"`            // in the chain
	Octets    int           `json:"octets"`            // pieces of evidence that events cite
	Scenarios int           `json:"scenarios"`
	Rules     int           `json:"rules"` // whose verdict was recomputed
	// Renderings is how many files that were made of run.json were made anew and
	// compared; Uncompared says why none was.
	Renderings int    `json:"renderings"`
	Uncompared string `json:"uncompared,omitempty"`
	// Signature and Timestamp say who signed the folder and when; empty: nobody did.
	Signature string    `json:"signature,omitempty"`
	Timestamp string    `json:"timestamp,omitempty"`
	Notes     []string  `json:"notes,omitempty"` // worth knowing, and nothing wrong
	Findings  []Finding `json:"findings"`        // what is wrong; none: it verifies
	Omitted   int       `json:"omitted"`         // findings beyond those
}

// Code is the exit code of what was found. A folder that is not sealed, in which
// nothing is wrong as far as it goes, is what a run leaves that was cut short, or
// whose report was: no manifest vouches for it, so it is not said to verify. Where
// all holds that is there, and nobody can say whether that is all, it is open.
func (v *Verified) Code() int {
	switch {
	case len(v.Findings) > 0:
		return ExitEvidence
	case !v.Sealed:
		return ExitInterrupted
	case v.Lacking > 0:
		return ExitInconclusive
	}
	return ExitConformant
}

func (v *Verified) add(findings ...Finding) {
	for _, f := range findings {
		if len(v.Findings) == maxFindings {
			v.Omitted++
			continue
		}
		v.Findings = append(v.Findings, f)
	}
}

// Verify looks whether a run folder is as it was left and whether its verdicts
// follow from its evidence: the hashes of all files and the signature first; where
// those hold, the chain of events and the octets that they cite; then every verdict
// is worked out anew, offline, and compared with run.json; and last everything that
// was made of run.json is made anew and compared. It ends with the first of the four
// in which something is wrong; but where run.json alone is not as it was sealed, the
// verdicts say where.
//
// What is wrong stands in Verified; an error means that it could not be looked at:
// ErrUsage for a folder that holds no run, or one that was judged by other rules
// than those of this version, ErrHarness for trouble on the way.
func Verify(ctx context.Context, dir string, o VerifyOptions) (*Verified, error) {
	if !isRun(dir) {
		if sealed, err := evidence.Sealed(dir); err != nil || !sealed { // else the log was taken away
			return nil, fmt.Errorf("%w: %s is no run folder: there is no %s in it", ErrUsage, dir, evidence.EventsFile)
		}
	}
	busy, err := evidence.Busy(dir)
	if err == nil && busy {
		return nil, fmt.Errorf("%w: %w: wait until it ends", ErrUsage, evidence.ErrBusy)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, unreadable(err)
	}
	v := &Verified{Dir: dir, Findings: []Finding{}}
	checked, err := evidence.CheckManifest(dir)
	if err != nil {
		return nil, unreadable(err)
	}
	if err := v.signatures(dir, checked, o); err != nil { // first: what differs from a manifest that is not the one that was signed comes after that
		return nil, err
	}
	v.hashes(checked)
	altered := len(v.Findings)
	if altered > 0 && !v.onlyResult(dir) || ctx.Err() != nil {
		return v, interruptedVerify(ctx)
	}
	if err := v.events(ctx, dir, checked, o); err != nil {
		return nil, err
	}
	if len(v.Findings) > altered || o.Evidence || !v.Sealed || ctx.Err() != nil {
		return v, interruptedVerify(ctx)
	}
	err = v.verdicts(ctx, dir, checked, o)
	if altered > 0 && ctx.Err() == nil {
		err = nil // what was found stands, whatever else cannot be said
	}
	return v, err
}

// onlyResult tells that of all files only run.json is not as it was sealed: the
// evidence then says which verdict was edited.
func (v *Verified) onlyResult(dir string) bool {
	for _, f := range v.Findings {
		if f.File != reports.ResultFile {
			return false
		}
	}
	_, err := os.Lstat(filepath.Join(dir, reports.ResultFile))
	return err == nil && v.Omitted == 0
}

func interruptedVerify(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: it is not known whether the folder verifies", ErrInterrupted)
	}
	return nil
}

// unreadable is trouble in reading a folder: where nobody may, it is for whoever
// asked to see to.
func unreadable(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return fmt.Errorf("%w: %w", ErrHarness, err)
}

// hashes takes in what the manifest said.
func (v *Verified) hashes(checked *evidence.Checked) {
	v.Sealed = checked.Manifest != nil
	v.Files = len(checked.Files)
	for _, f := range checked.Files {
		v.Bytes += f.Size
	}
	for _, f := range checked.Findings {
		v.add(Finding{File: f.Path, Line: f.Line, What: f.What})
	}
	for _, name := range checked.Later {
		v.Notes = append(v.Notes, name+" was made after the run was sealed: nothing vouches for it")
	}
}
