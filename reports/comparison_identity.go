package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// Identity says which run it is that another is compared with, wherever its folder
// lies. What is not known of it is left out.
type Identity struct {
	Seed  int64     `json:"seed"`
	Began time.Time `json:"began,omitzero"` // of its first event
	// Manifest is the SHA-256 of its manifest.json, in hex; empty: its folder was
	// not sealed.
	Manifest string `json:"manifest,omitempty"`
}

// maxManifest bounds the manifest of a run that is compared with, in bytes.
const maxManifest = 256 << 20

// errFirst ends reading a log after its first event.
var errFirst = errors.New("the first event")

// IdentityOf reads which run lies in a folder.
func IdentityOf(dir string, result *rules.Result) (Identity, error) {
	is := Identity{Seed: result.Run.Seed}
	_, err := evidence.Each(dir, func(e evidence.Event) error {
		is.Began = e.At
		return errFirst
	})
	if err != nil && !errors.Is(err, errFirst) && !errors.Is(err, fs.ErrNotExist) {
		return is, err
	}
	manifest, err := evidence.ReadPlain(filepath.Join(dir, evidence.ManifestFile), maxManifest)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return is, nil
	case err != nil:
		return is, err
	}
	sum := sha256.Sum256(manifest)
	is.Manifest = hex.EncodeToString(sum[:])
	return is, nil
}

// Name is how people are told which run it is: its folder, or where no folder was
// given its target, when it began, and the beginning of its manifest's hash.
func (c Compared) Name() string {
	if c.Dir != "" {
		return c.Dir
	}
	name := c.Target
	if !c.Began.IsZero() {
		name += c.Began.UTC().Format(", 2006-01-02 15:04:05 UTC")
	}
	if c.Manifest != "" {
		name += fmt.Sprintf(", %s %.12s…", evidence.ManifestFile, c.Manifest)
	}
	return name
}

// kept is a comparison as a run folder holds it: without the paths of the machine
// on which it was made, which say nothing elsewhere.
func (c *Comparison) kept() *Comparison {
	if c == nil {
		return nil
	}
	without := *c
	without.Before.Dir, without.After.Dir = "", ""
	return &without
}

// SpeaksOf says what a comparison says of its later run that the run's own result
// does not; "": nothing. What it says of the earlier run is not in this folder.
func (c *Comparison) SpeaksOf(result *rules.Result) string {
	is, was := comparedOf(result, ""), c.After
	for _, field := range [][3]string{
		{"verdict", string(was.Verdict), string(is.Verdict)},
		{"reason", was.Reason, is.Reason},
		{"profile", string(was.Profile), string(is.Profile)},
		{"scope", was.Scope, is.Scope},
		{"target", was.Target, is.Target},
		{"version", was.Version, is.Version},
	} {
		if field[1] != field[2] {
			return fmt.Sprintf("says %q as the %s of this run, and it is %q", field[1], field[0], field[2])
		}
	}
	of := byRule(result)
	for _, change := range c.Rules {
		var verdict rules.Verdict
		if r := of[change.Rule]; r != nil {
			verdict = r.Verdict
		}
		if change.After != verdict {
			return fmt.Sprintf("says %q of %s in this run, and its verdict is %q", change.After, change.Rule, verdict)
		}
	}
	return ""
}
